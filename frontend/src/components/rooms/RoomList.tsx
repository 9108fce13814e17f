/**
 * The rooms and people of the user, shelf by shelf.
 *
 * Only the rows near the view are there, and the one that the Tab key stops at;
 * the arrow keys go through all of them.
 */
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useRoute } from 'wouter';
import { strings } from '../../app/strings';
import type { Section, Shelf } from '../../chat/roomOrder';
import { useChat, useWatched } from '../../hooks/useChat';
import { useSlice } from '../../hooks/useSlice';
import styles from './RoomList.module.css';
import { RoomRow } from './RoomRow';

interface Props {
  /** What can be done beside the name of a shelf, which is then shown even when it is empty. */
  actions: Partial<Record<Shelf, ReactNode>>;
  /** Stands above and below the shelves, and scrolls with them. */
  before: ReactNode;
  after: ReactNode;
}

export function RoomList({ actions, before, after }: Props) {
  const chat = useChat();
  const sections = useWatched('order', () => chat.order.sections);
  const [, route] = useRoute('/r/:roomId/*?');
  const [focused, setFocused] = useState<string>();
  const wantsFocus = useRef(false);
  const view = useRef<HTMLDivElement>(null);
  const current = route?.roomId;
  // Its own address, not that of a message in it.
  const atCurrent = route !== null && !route['*'];
  const cameFrom = useRef(current);
  const ids = sections.flatMap((section) => section.roomIds);
  const tabStop = [focused, current, cameFrom.current, ids[0]].find(
    (id) => id !== undefined && ids.includes(id),
  );

  useLayoutEffect(() => {
    if (!wantsFocus.current || !focused) return;
    wantsFocus.current = false;
    rowIn(view.current, focused)?.focus();
  }, [focused]);

  useEffect(() => {
    const row = rowIn(view.current, current ?? cameFrom.current);
    row?.scrollIntoView({ block: 'nearest' });
    // Back from a room that has hidden the list, one goes on where one went in.
    if (!current && focusIsLost()) row?.focus();
    cameFrom.current = current ?? cameFrom.current;
  }, [current]);

  // A list that goes away holds nothing any more.
  useEffect(() => {
    return () => {
      chat.order.hold('pointer', false);
      chat.order.hold('focus', false);
    };
  }, [chat]);

  function onKeyDown(event: KeyboardEvent) {
    const from = (event.target as HTMLElement).dataset.room;
    if (from === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = idBeside(ids, from, event.key);
    if (next === undefined) return;
    event.preventDefault();
    wantsFocus.current = true;
    setFocused(next);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go through the links inside.
    <div
      ref={view}
      className={styles.view}
      onKeyDown={onKeyDown}
      onPointerEnter={(event) => event.pointerType === 'mouse' && chat.order.hold('pointer', true)}
      onPointerLeave={() => chat.order.hold('pointer', false)}
      onFocus={(event) => {
        chat.order.hold('focus', true);
        setFocused(event.target.dataset.room);
      }}
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return;
        chat.order.hold('focus', false);
        setFocused(undefined);
      }}
    >
      {before}
      {sections.map((section) => (
        <ShelfOf
          key={section.shelf}
          section={section}
          action={actions[section.shelf]}
          view={view}
          current={current}
          atCurrent={atCurrent}
          tabStop={tabStop}
        />
      ))}
      {after}
    </div>
  );
}

interface ShelfProps {
  section: Section;
  action: ReactNode;
  view: React.RefObject<HTMLDivElement | null>;
  current: string | undefined;
  atCurrent: boolean;
  tabStop: string | undefined;
}

function ShelfOf({ section, action, view, current, atCurrent, tabStop }: ShelfProps) {
  const { shelf, roomIds } = section;
  const headingId = useId();
  const list = useRef<HTMLUListElement>(null);
  const { from, to } = useSlice(view, list, roomIds.length);
  const empty = roomIds.length === 0;
  if (empty && !action) return null;

  return (
    <section className={styles.shelf} aria-labelledby={headingId}>
      <div className={styles.head}>
        <h2 id={headingId} className={styles.title}>
          {strings.rooms.shelves[shelf]}
        </h2>
        {action}
      </div>
      <ul
        ref={list}
        className={styles.list}
        style={{ '--rows': roomIds.length } as React.CSSProperties}
        aria-labelledby={headingId}
      >
        {roomIds.map((id, index) =>
          (index >= from && index < to) || id === tabStop ? (
            <RoomRow
              key={id}
              roomId={id}
              place={index}
              of={roomIds.length}
              current={id === current}
              replaces={id === current && atCurrent}
              tabStop={id === tabStop}
            />
          ) : null,
        )}
      </ul>
    </section>
  );
}

function focusIsLost(): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || !activeElement.checkVisibility();
}

function rowIn(view: HTMLElement | null, roomId: string | undefined): HTMLElement | null | undefined {
  if (roomId === undefined) return undefined;
  return view?.querySelector<HTMLElement>(`[data-room="${CSS.escape(roomId)}"]`);
}

function idBeside(ids: readonly string[], from: string, key: string): string | undefined {
  const index = ids.indexOf(from);
  if (key === 'ArrowUp') return ids[index - 1];
  if (key === 'ArrowDown') return ids[index + 1];
  if (key === 'Home') return ids[0];
  if (key === 'End') return ids.at(-1);
  return undefined;
}
