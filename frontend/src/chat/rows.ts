/**
 * A timeline as rows to show: days, gaps, the unread line, and each message with
 * or without its author's name. What is still in the outbox comes last.
 */
import type { Message } from '../protocol';
import { localDay } from './days';
import type { PendingMessage } from './outbox';
import type { TimelineItem } from './timeline';

const SAME_BREATH_MS = 5 * 60_000;

export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly date: Date }
  | { readonly kind: 'unread'; readonly key: string; readonly since: string }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: Extract<TimelineItem, { kind: 'gap' }> }
  | { readonly kind: 'message'; readonly key: string; readonly id: string; readonly grouped: boolean }
  | {
      readonly kind: 'pending';
      readonly key: string;
      readonly pending: PendingMessage;
      readonly grouped: boolean;
    };

export interface RowSource {
  items: readonly TimelineItem[];
  message: (id: string) => Message | undefined;
  pending: readonly PendingMessage[];
  /** Messages of others after this `seq` are new; absent when none are. */
  unreadAfter: number | undefined;
  me: string;
}

interface Said {
  author: string;
  at: Date;
  apart: boolean;
}

export function rowsOf({ items, message, pending, unreadAfter, me }: RowSource): Row[] {
  const rows: Row[] = [];
  let before: Said | undefined;
  let unreadShown = unreadAfter === undefined;
  let gap = '';

  function beginDay(at: Date): void {
    // After a gap the same day is named again, and is another row.
    if (!before || localDay(before.at) !== localDay(at))
      rows.push({ kind: 'day', key: `day:${localDay(at)}${gap}`, date: at });
  }

  function follows(said: Said): boolean {
    beginDay(said.at);
    if (before && localDay(before.at) !== localDay(said.at)) before = undefined;
    const grouped =
      before !== undefined &&
      !said.apart &&
      !before.apart &&
      before.author === said.author &&
      said.at.getTime() - before.at.getTime() < SAME_BREATH_MS;
    before = said;
    return grouped;
  }

  for (const item of items) {
    if (item.kind === 'gap') {
      rows.push({ kind: 'gap', key: item.key, gap: item });
      before = undefined;
      gap = `:${item.key}`;
      continue;
    }
    const one = message(item.id);
    if (!one) continue;
    const at = new Date(one.createdAt);
    if (!unreadShown && unreadAfter !== undefined && one.seq > unreadAfter && one.author.id !== me) {
      unreadShown = true;
      // The day comes first, and the first new message names its author again.
      beginDay(at);
      rows.push({ kind: 'unread', key: 'unread', since: one.createdAt });
      before = { author: '', at, apart: true };
    }
    const apart = Boolean(one.replyTo) || one.kind === 'system';
    const grouped = follows({ author: one.author.id, at, apart: one.kind === 'system' });
    rows.push({ kind: 'message', key: item.key, id: one.id, grouped: grouped && !apart });
  }

  for (const one of pending) {
    const grouped = follows({ author: me, at: new Date(one.createdAt), apart: false });
    rows.push({ kind: 'pending', key: one.clientId, pending: one, grouped: grouped && !one.replyTo });
  }
  return rows;
}
