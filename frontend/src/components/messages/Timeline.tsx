/**
 * The messages of a room: of those that are loaded, the ones around the reader.
 *
 * Where the reader is belongs to `useScroll`, where they go to `useArrival`, and
 * what they have read to `useReading`; here their parts are put on the page.
 */
import { type FocusEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { strings } from '../../app/strings';
import type { Row } from '../../chat/rows';
import type { Piece } from '../../chat/rowWindow';
import { rowOf } from '../../hooks/rowsInView';
import { useArrival } from '../../hooks/useArrival';
import { useChat, useWatched } from '../../hooks/useChat';
import { useDeletion } from '../../hooks/useDeletion';
import { useLookAround } from '../../hooks/useLookAround';
import { useReading } from '../../hooks/useReading';
import { useRowFocus } from '../../hooks/useRowFocus';
import { useRows } from '../../hooks/useRows';
import { useScroll } from '../../hooks/useScroll';
import { useUnreadLine } from '../../hooks/useUnreadLine';
import type { Message, Room } from '../../protocol';
import { Confirm } from '../ui/Confirm';
import { DayAbove } from './DayAbove';
import { DayRow, GapRow, UnreadRow } from './Dividers';
import { Latest } from './Latest';
import { MessageRow } from './MessageRow';
import { PendingRow } from './PendingRow';
import styles from './Timeline.module.css';
import { TimelineTop } from './TimelineTop';
import type { RowVerbs } from './verbs';

interface Props {
  room: Room;
  name: string;
  /** What is to be shown first is here. */
  ready: boolean;
  /** The entry of the browser's history, and the message that its address names. */
  entry: string | undefined;
  target: string | undefined;
  /** Counts what was sent from here. */
  sent: number;
  editing: string | undefined;
  onEdit: (messageId: string | undefined) => void;
  onReply: (message: Message) => void;
}

export function Timeline(props: Props) {
  const { room, name, ready, entry, target, sent, editing, onEdit, onReply } = props;
  const chat = useChat();
  const [, navigate] = useLocation();
  const [unreadLine, drawUnreadLine] = useUnreadLine(room.id);
  const rows = useRows(room.id, unreadLine);
  const reachesEnd = useWatched(`timeline:${room.id}`, () => chat.timeline(room.id).reachesEnd);
  const [held, setHeld] = useState<string>();
  const moved = useRef(() => {});
  const onMoved = useCallback(() => moved.current(), []);
  const scroll = useScroll({ rows, canFollow: reachesEnd, held, onMoved });
  const { scroller, list, pieces, following, toEnd, toRow, where, onScroll } = scroll;
  const reading = useReading(room.id, scroller, list);
  const lookAround = useLookAround(room.id, scroller, list);
  const { focusRow, onListFocus, onKeyDown } = useRowFocus({ rows, list, scroller, held, toRow, toEnd });

  const toLatest = useCallback(async () => {
    if (!chat.timeline(room.id).reachesEnd) await chat.history.newest(room.id);
    toEnd();
  }, [chat, room.id, toEnd]);

  const { pointedAt, note } = useArrival({
    roomId: room.id,
    ready,
    rows,
    entry,
    target,
    toRow,
    toLatest,
    focusRow,
  });

  moved.current = () => {
    if (!ready) return;
    note(where());
    reading.look();
    lookAround();
  };

  // What has just been loaded may leave the edge within reach of the view again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows and readiness are the reason to look.
  useEffect(() => moved.current(), [rows, ready]);

  // Sending always shows what was sent.
  useEffect(() => {
    if (sent > 0) void toLatest();
  }, [sent, toLatest]);

  // What is edited by key may be far from here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when editing begins.
  useEffect(() => {
    const row = editing && rows.find((one) => one.kind === 'message' && one.id === editing);
    if (row && !rowOf(list.current, row.key)) toRow(row.key, 'middle');
  }, [editing]);

  const { remove, asked, answer } = useDeletion();
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
      onJump: (id) => navigate(`/r/${room.id}/m/${id}`),
      onMarkUnread: (message) => {
        const before = previousMessage(chat.timeline(room.id).items, message.id);
        const marker = before && chat.timeline(room.id).message(before);
        if (!marker) return;
        pause();
        drawUnreadLine(marker.seq);
        chat.markers.move(marker, true).catch(() => undefined);
      },
      onDelete: remove,
    }),
    [chat, room.id, navigate, onReply, onEdit, pause, drawUnreadLine, remove],
  );

  const role = room.membership?.role;
  const moderates = role === 'owner' || role === 'admin';
  const writes = room.membership !== undefined && !room.archivedAt;

  const empty = rows.length === 0;

  function show(piece: Piece<Row>) {
    if (piece.kind === 'space')
      return <li key={piece.key} className={styles.space} style={{ blockSize: piece.height }} aria-hidden />;
    const { row } = piece;
    switch (row.kind) {
      case 'day':
        return <DayRow key={row.key} rowKey={row.key} date={row.date} />;
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
            verbs={verbs}
          />
        );
    }
  }

  return (
    <div className={styles.frame} data-region="messages">
      <DayAbove room={room} scroller={scroller} list={list} onJump={verbs.onJump} />
      <div ref={scroller} className={styles.scroller} onScroll={onScroll}>
        {/* Apart while there is no message, so that the first page shifts nothing that was there. */}
        {empty && <TimelineTop room={room} name={name} />}
        <div className={styles.content} hidden={empty}>
          {!empty && <TimelineTop room={room} name={name} />}
          <ol
            ref={list}
            className={styles.list}
            aria-label={strings.messages.log(name)}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: one stop for the Tab key, which goes on to a row.
            tabIndex={0}
            onKeyDown={onKeyDown}
            onFocus={(event: FocusEvent<HTMLElement>) => {
              const row = event.target.closest<HTMLElement>('[data-key]');
              if (row) setHeld(row.dataset.key);
              else onListFocus(event);
            }}
          >
            {pieces.map(show)}
          </ol>
        </div>
      </div>
      <Confirm
        open={asked !== undefined}
        title={strings.messages.deleteTitle}
        description={strings.messages.deleteHint}
        action={strings.delete}
        onConfirm={() => answer(true)}
        onClose={() => answer(false)}
        returnTo={() => (held === undefined ? undefined : rowOf(list.current, held))}
      />
      {!following && ready && rows.length > 0 && <Latest roomId={room.id} onClick={() => void toLatest()} />}
    </div>
  );
}

function previousMessage(items: readonly { kind: string; id?: string }[], id: string): string | undefined {
  const index = items.findIndex((item) => item.id === id);
  return items.slice(0, index).findLast((item) => item.kind === 'message')?.id;
}

function focusComposer() {
  document.getElementById('composer')?.focus();
}
