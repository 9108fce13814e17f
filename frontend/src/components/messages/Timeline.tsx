/** The messages of a room: loads what comes into view, and keeps the reader's place. */
import { ArrowDown } from 'lucide-react';
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { strings } from '../../app/strings';
import type { Row } from '../../chat/rows';
import { useChat, useWatched } from '../../hooks/useChat';
import { useReading } from '../../hooks/useReading';
import { useRows } from '../../hooks/useRows';
import { useScroll } from '../../hooks/useScroll';
import { useEscape } from '../../hooks/useShell';
import { useUnreadLine } from '../../hooks/useUnreadLine';
import type { Message, Room } from '../../protocol';
import { DayRow, GapRow, UnreadRow } from './Dividers';
import { MessageRow } from './MessageRow';
import { PendingRow } from './PendingRow';
import styles from './Timeline.module.css';
import { TimelineTop } from './TimelineTop';
import type { RowVerbs } from './verbs';

/** Pages are asked for this far ahead of the edge. */
const AHEAD_PX = 800;
const POINTED_FOR_MS = 2_000;
/** More messages than this are dropped at the far end of a list that follows. */
const FOLLOWED_ROWS = 450;

interface Props {
  room: Room;
  name: string;
  /** The first page is here. */
  ready: boolean;
  /** Counts what was sent from here. */
  sent: number;
  editing: string | undefined;
  onEdit: (messageId: string | undefined) => void;
  onReply: (message: Message) => void;
}

export function Timeline({ room, name, ready, sent, editing, onEdit, onReply }: Props) {
  const chat = useChat();
  const [unreadLine, drawUnreadLine] = useUnreadLine(room.id);
  const rows = useRows(room.id, unreadLine);
  const reachesEnd = useWatched(`timeline:${room.id}`, () => chat.timeline(room.id).reachesEnd);
  const [target, setTarget] = useState<string>();
  const [pointedAt, setPointedAt] = useState<string>();
  const [tabStop, setTabStop] = useState<string>();
  const lookAround = useRef(() => {});
  const onMoved = useCallback(() => lookAround.current(), []);
  const { scroller, list, following, toEnd, toRow, onScroll } = useScroll({
    rows,
    canFollow: reachesEnd,
    onMoved,
  });
  const reading = useReading(room.id, scroller, list);

  lookAround.current = () => {
    if (!ready) return;
    const view = scroller.current;
    if (!view) return;
    reading.look();
    const { failures } = chat.history.progress(room.id);
    const timeline = chat.timeline(room.id);
    if (view.scrollTop < AHEAD_PX && !timeline.reachesStart && !failures.has('older'))
      void chat.history.older(room.id);
    for (const item of timeline.items) {
      if (item.kind !== 'gap' || failures.has(item.key)) continue;
      const row = rowOf(list.current, item.key);
      if (!row) continue;
      const top = row.offsetTop - view.scrollTop;
      if (top > view.clientHeight + AHEAD_PX || top < -AHEAD_PX) continue;
      void chat.history.gap(room.id, item, top < view.clientHeight / 3 ? 'before' : 'after');
    }
  };

  // What has just been loaded may leave the edge within reach of the view again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows and readiness are the reason to look.
  useEffect(() => lookAround.current(), [rows, ready]);

  // Open where reading stopped, a third down the page; else at the end.
  const placed = useRef(false);
  useLayoutEffect(() => {
    if (placed.current || !ready || rows.length === 0) return;
    placed.current = true;
    const line = rowOf(list.current, 'unread');
    if (line) toRow(line, 1 / 3);
    else toEnd();
  }, [ready, rows, list, toRow, toEnd]);

  const toLatest = useCallback(async () => {
    if (!chat.timeline(room.id).reachesEnd) await chat.history.newest(room.id);
    toEnd();
  }, [chat, room.id, toEnd]);

  // Sending always shows what was sent.
  useEffect(() => {
    if (sent > 0) void toLatest();
  }, [sent, toLatest]);

  useEffect(() => {
    if (following && rows.length > FOLLOWED_ROWS) chat.keepNewest(room.id);
  }, [chat, room.id, following, rows]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the target may only be there with the next rows.
  useLayoutEffect(() => {
    const row = target && list.current?.querySelector<HTMLElement>(`[data-id="${target}"]`);
    if (!row) return;
    setTarget(undefined);
    setPointedAt(target);
    toRow(row, 0.4);
    row.focus({ preventScroll: true });
  }, [target, rows, list, toRow]);

  useEffect(() => {
    if (!pointedAt) return;
    const timer = setTimeout(() => setPointedAt(undefined), POINTED_FOR_MS);
    return () => clearTimeout(timer);
  }, [pointedAt]);

  const { pause } = reading;
  const verbs = useMemo<RowVerbs>(
    () => ({
      onReply: (message) => {
        onReply(message);
        focusComposer();
      },
      onEdit,
      onEditDone: () => {
        onEdit(undefined);
        focusComposer();
      },
      onJump: (id) => {
        const known = chat.timeline(room.id).message(id);
        void (known ? Promise.resolve() : chat.history.around(room.id, id)).then(() => setTarget(id));
      },
      onMarkUnread: (message) => {
        const before = previousMessage(chat.timeline(room.id).items, message.id);
        const marker = before && chat.timeline(room.id).message(before);
        if (!marker) return;
        pause();
        drawUnreadLine(marker.seq);
        chat.markRead(marker, true).catch(() => undefined);
      },
    }),
    [chat, room.id, onReply, onEdit, pause, drawUnreadLine],
  );

  function onKeyDown(event: KeyboardEvent<HTMLOListElement>) {
    const row = event.target instanceof HTMLLIElement ? event.target : undefined;
    if (!row) return;
    const next = rowBeside(row, event.key);
    if (next) {
      event.preventDefault();
      next.focus();
    } else if (event.key === 'Escape') {
      focusComposer();
    }
  }

  const lastKey = rows.findLast((row) => row.kind === 'message')?.key;
  const stop = rows.some((row) => row.key === tabStop) ? tabStop : lastKey;
  const role = room.membership?.role;
  const moderates = role === 'owner' || role === 'admin';
  const writes = room.membership !== undefined && !room.archivedAt;

  function show(row: Row) {
    switch (row.kind) {
      case 'day':
        return <DayRow key={row.key} date={row.date} />;
      case 'unread':
        return <UnreadRow key={row.key} since={row.since} />;
      case 'gap':
        return <GapRow key={row.key} roomId={room.id} gap={row.gap} />;
      case 'pending':
        return <PendingRow key={row.key} pending={row.pending} grouped={row.grouped} onJump={verbs.onJump} />;
      case 'message':
        return (
          <MessageRow
            key={row.key}
            roomId={room.id}
            id={row.id}
            rowKey={row.key}
            grouped={row.grouped}
            editing={editing === row.id}
            pointedAt={pointedAt === row.id}
            writes={writes}
            moderates={moderates}
            tabStop={row.key === stop}
            verbs={verbs}
          />
        );
    }
  }

  return (
    <div className={styles.frame} data-region="messages">
      <div ref={scroller} className={styles.scroller} onScroll={onScroll}>
        <TimelineTop room={room} name={name} />
        <ol
          ref={list}
          className={styles.list}
          aria-label={strings.messages.log(name)}
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            const row = (event.target as HTMLElement).closest<HTMLElement>('[data-key]');
            if (row) setTabStop(row.dataset.key);
          }}
        >
          {rows.map(show)}
        </ol>
      </div>
      {!following && ready && rows.length > 0 && (
        <Latest roomId={room.id} rows={rows} onClick={() => void toLatest()} />
      )}
    </div>
  );
}

/** The way back to the end, with what has come meanwhile. */
function Latest({ roomId, rows, onClick }: { roomId: string; rows: readonly Row[]; onClick: () => void }) {
  const chat = useChat();
  // Mounted when the reader leaves the end: everything known by then has been there to see.
  const [leftAt] = useState(() => chat.timeline(roomId).lastSeq);
  useEscape('latest', true, onClick);
  let count = 0;
  for (const row of rows) {
    const message = row.kind === 'message' ? chat.timeline(roomId).message(row.id) : undefined;
    if (message && message.seq > leftAt && message.author.id !== chat.me.id) count += 1;
  }
  return (
    <button type="button" className={styles.latest} data-new={count > 0 || undefined} onClick={onClick}>
      <ArrowDown size={14} aria-hidden />
      {count > 0 ? strings.messages.newCount(count) : strings.messages.latest}
    </button>
  );
}

function rowOf(list: HTMLElement | null, key: string): HTMLElement | null | undefined {
  return list?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
}

function rowBeside(row: HTMLElement, key: string): HTMLElement | undefined {
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>('li[tabindex]') ?? [])];
  const index = rows.indexOf(row);
  if (key === 'ArrowUp') return rows[index - 1];
  if (key === 'ArrowDown') return rows[index + 1];
  if (key === 'Home') return rows[0];
  if (key === 'End') return rows.at(-1);
  return undefined;
}

function previousMessage(items: readonly { kind: string; id?: string }[], id: string): string | undefined {
  const index = items.findIndex((item) => item.id === id);
  return items.slice(0, index).findLast((item) => item.kind === 'message')?.id;
}

function focusComposer() {
  document.getElementById('composer')?.focus();
}
