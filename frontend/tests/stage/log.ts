/** A room's log in memory, as long as one likes, and what a server would answer about it. */
import type { PageQuery } from '../../src/chat/history';
import type { Change, Message, MessagePage, Room } from '../../src/protocol';
import { bo, cleo, message, room } from '../support/people';

const PAGE = 50;
const BEGAN = Date.UTC(2026, 8, 1, 6, 0);
/** So far apart that a page spans several authors and some pages a day. */
const APART_MS = 7 * 60_000;

export class StageLog {
  readonly messages: Message[] = [];
  lastReadSeq: number;

  constructor(length: number, unread: number) {
    this.lastReadSeq = length - unread;
    for (let seq = 1; seq <= length; seq += 1) this.append();
  }

  get lastSeq(): number {
    return this.messages.length;
  }

  /** Texts of many heights, by two people who take turns. */
  append(about: Partial<Message> = {}): Message {
    const seq = this.messages.length + 1;
    const said = message(seq, {
      author: seq % 11 < 6 ? bo : cleo,
      content: `message ${seq}.${' and some more of it'.repeat(seq % 23)}${'\nanother line'.repeat(seq % 4)}`,
      createdAt: new Date(BEGAN + seq * APART_MS).toISOString(),
      ...(seq % 17 === 0 ? { reactions: [{ emoji: '🎉', count: 1, userIds: [cleo.id] }] } : {}),
      ...about,
    });
    this.messages.push(said);
    return said;
  }

  page(query: PageQuery): MessagePage {
    let from = Math.max(0, this.lastSeq - PAGE);
    let to = this.lastSeq;
    if ('before' in query) {
      to = this.#indexOf(query.before);
      from = Math.max(0, to - PAGE);
    } else if ('after' in query) {
      from = this.#indexOf(query.after) + 1;
      to = Math.min(this.lastSeq, from + PAGE);
    } else if ('around' in query || 'at' in query) {
      const index =
        'around' in query
          ? this.#indexOf(query.around)
          : this.messages.findIndex((one) => one.createdAt >= query.at);
      if (index >= 0) {
        from = Math.max(0, index - PAGE / 2);
        to = Math.min(this.lastSeq, from + PAGE);
      }
    }
    return {
      messages: this.messages.slice(from, to),
      lastSeq: this.lastSeq,
      hasBefore: from > 0,
      hasAfter: to < this.lastSeq,
    };
  }

  changesAfter(seq: number): Change[] {
    return this.messages
      .slice(seq)
      .map((one) => ({ seq: one.seq, event: 'message_received', data: one }) satisfies Change);
  }

  get room(): Room {
    const unread = this.lastSeq - this.lastReadSeq;
    return room('den', {
      lastSeq: this.lastSeq,
      createdAt: new Date(BEGAN).toISOString(),
      membership: {
        role: 'member',
        joinedAt: new Date(BEGAN).toISOString(),
        lastReadSeq: this.lastReadSeq,
        ...(this.lastReadSeq > 0 ? { lastReadId: `m${this.lastReadSeq}` } : {}),
        unread: Math.min(unread, 100),
        mentions: 0,
        notify: 'all',
      },
    });
  }

  #indexOf(id: string): number {
    return this.messages.findIndex((one) => one.id === id);
  }
}
