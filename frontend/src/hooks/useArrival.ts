/**
 * Brings the reader to where they mean to be in a room: back to a former place,
 * to the message that the address names, to the first that is unread, or else
 * to the end. Each entry of the browser's history is arrived at once.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { strings } from '../app/strings';
import type { Row } from '../chat/rows';
import { toasting } from '../services/toasting';
import { useChat } from './useChat';
import type { Spot, Whereabouts } from './useScroll';

const POINTED_FOR_MS = 2_000;
/** What the server says of an id that leads nowhere; anything else may work later. */
const NO_SUCH_MESSAGE: ReadonlySet<string> = new Set(['not_found', 'bad_request', 'invalid']);

interface Options {
  roomId: string;
  /** What is to be shown first has been asked for and is here, if it can be. */
  ready: boolean;
  rows: readonly Row[];
  entry: string | undefined;
  /** The message that the address names. */
  target: string | undefined;
  toRow: (key: string, spot: Spot) => void;
  toLatest: () => void;
  focusRow: (key: string) => void;
}

interface Goal {
  messageId: string;
  spot: Spot;
  pointed: boolean;
}

export interface Arrival {
  /** The message that is marked for a moment, as the one that was meant. */
  pointedAt: string | undefined;
  /** Notes where the reader is, for when they come back to this entry. */
  note: (whereabouts: Whereabouts) => void;
}

export function useArrival(options: Options): Arrival {
  const { roomId, ready, rows, entry, target, toRow, toLatest, focusRow } = options;
  const chat = useChat();
  const [goal, setGoal] = useState<Goal>();
  const [pointedAt, setPointedAt] = useState<string>();
  const arrivedAt = useRef<string>(undefined);
  const travelling = useRef(true);
  const latestRows = useRef(rows);
  latestRows.current = rows;

  const seek = useCallback(
    async (wanted: Goal) => {
      const { messageId, pointed } = wanted;
      const setOutFrom = arrivedAt.current;
      travelling.current = true;
      const known = chat.timeline(roomId).message(messageId) !== undefined;
      const found = known || (await chat.history.around(roomId, messageId));
      // Meanwhile they may have gone somewhere else.
      if (arrivedAt.current !== setOutFrom) return;
      if (found) {
        setGoal(wanted);
        return;
      }
      travelling.current = false;
      if (!pointed) return;
      const failure = chat.history.progress(roomId).failures.get(`around:${messageId}`);
      if (!failure || NO_SUCH_MESSAGE.has(failure.code))
        toasting.say({ title: strings.messages.gone, description: strings.messages.goneHint });
      else toasting.say({ title: strings.messages.loadFailed, description: failure.message });
    },
    [chat, roomId],
  );

  useLayoutEffect(() => {
    if (!ready || !entry || arrivedAt.current === entry || rows.length === 0) return;
    arrivedAt.current = entry;
    travelling.current = false;
    setGoal(undefined);
    const former = chat.places.at(entry);
    if (former && former !== 'end') {
      void seek({ messageId: former.messageId, spot: { top: former.top }, pointed: false });
    } else if (target && !former) {
      void seek({ messageId: target, spot: 'middle', pointed: true });
    } else if (!former && chat.opening === 'unread' && rows.some((row) => row.kind === 'unread')) {
      toRow('unread', 'upper third');
    } else {
      toLatest();
    }
  }, [chat, ready, entry, target, rows, seek, toRow, toLatest]);

  // Away for too long, one is given the newest page alone: what was read is asked for again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are the reason to look.
  useLayoutEffect(() => {
    const former = arrivedAt.current ? chat.places.at(arrivedAt.current) : undefined;
    if (travelling.current || !former || former === 'end') return;
    if (chat.timeline(roomId).message(former.messageId)) return;
    void seek({ messageId: former.messageId, spot: { top: former.top }, pointed: false });
  }, [chat, roomId, rows, seek]);

  // The message may only be there with the next rows.
  useLayoutEffect(() => {
    const row = goal && rows.find((one) => one.kind === 'message' && one.id === goal.messageId);
    if (!row) return;
    setGoal(undefined);
    travelling.current = false;
    toRow(row.key, goal.spot);
    if (!goal.pointed) return;
    setPointedAt(goal.messageId);
    focusRow(row.key);
  }, [goal, rows, toRow, focusRow]);

  useEffect(() => {
    if (!pointedAt) return;
    const timer = setTimeout(() => setPointedAt(undefined), POINTED_FOR_MS);
    return () => clearTimeout(timer);
  }, [pointedAt]);

  const note = useCallback(
    (whereabouts: Whereabouts) => {
      if (travelling.current || !arrivedAt.current) return;
      const row = whereabouts !== 'end' && latestRows.current.find((one) => one.key === whereabouts.key);
      const messageId = row && row.kind === 'message' ? row.id : undefined;
      chat.readerAt(messageId);
      if (whereabouts === 'end') chat.places.keep(arrivedAt.current, 'end');
      else if (messageId) chat.places.keep(arrivedAt.current, { messageId, top: whereabouts.top });
    },
    [chat],
  );

  return { pointedAt, note };
}
