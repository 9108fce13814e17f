/**
 * One room's messages and how much of its log is known.
 *
 * Live entries, replayed ones and pages of history all end up here, in any
 * order and as often as they like: messages are placed by `seq`, a message is
 * only ever replaced by a later revision of itself, and what is not known stays
 * an explicit gap (`spans.ts`). The live feed is a single number, the last `seq`
 * applied; an entry further on is refused, so that whoever drives the feed asks
 * for what is missing instead of leaving a hole.
 *
 * Fetching, and deciding when to, is left to `history.ts` and `feeds.ts`.
 */
import type { Change, Message, MessagePage } from '../protocol';
import { withoutReaction, withReaction } from './reactions';
import { addSpan, keepOnly, type Span } from './spans';

export type TimelineItem =
  | { readonly kind: 'message'; readonly key: string; readonly id: string }
  | {
      readonly kind: 'gap';
      readonly key: string;
      readonly after: string;
      readonly before: string | undefined;
    };

/** What became of a live entry. `gap` means entries before it are missing. */
export type Outcome = 'applied' | 'known' | 'gap';

/** The part of the log a page was asked for, by the `seq` it borders on. */
export type PageBorder = { before: number } | { after: number } | 'open';

export interface TimelineListener {
  /** Messages appeared or went; the order of items is another. */
  itemsChanged(): void;
  messageChanged(id: string): void;
}

/** A page on its way. What happens meanwhile to its messages is replayed over it. */
export interface PendingPage {
  arrived(page: MessagePage, border: PageBorder): void;
  cancelled(): void;
}

export class Timeline {
  readonly #messages = new Map<string, Message>();
  readonly #listener: TimelineListener;
  readonly #seqOf = (id: string): number => this.#messages.get(id)?.seq ?? 0;
  readonly #sentHere = new Set<string>();
  #spans: readonly Span[] = [];
  #items: readonly TimelineItem[] | undefined;
  #lastSeq = 0;
  #epoch: string | undefined;
  /** Counts resets: a page asked for in an earlier life is thrown away. */
  #life = 0;
  #pagesPending = 0;
  #changesMeanwhile: Change[] = [];
  #arrivals = 0;

  constructor(listener: TimelineListener) {
    this.#listener = listener;
  }

  /** The last `seq` of the live feed: everything up to it has been applied. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** Counts the messages that came by the feed, also those that are not kept. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** How many messages are here. */
  get size(): number {
    return this.#messages.size;
  }

  get loaded(): boolean {
    return this.#messages.size > 0 || this.reachesStart;
  }

  /** Nothing older exists than what is here. */
  get reachesStart(): boolean {
    const first = this.#spans[0];
    return first !== undefined && first.from <= 1;
  }

  /** The last item is the newest message of the room. */
  get reachesEnd(): boolean {
    return this.items.at(-1)?.kind !== 'gap';
  }

  get items(): readonly TimelineItem[] {
    this.#items ??= this.#listItems();
    return this.#items;
  }

  message(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  /** Begins to follow at a known place, with nothing loaded yet. */
  startAt(lastSeq: number, epoch?: string): void {
    this.#life += 1;
    this.#messages.clear();
    this.#changesMeanwhile = [];
    this.#epoch = epoch;
    this.#begin(lastSeq);
    this.#itemsChanged();
  }

  /**
   * Starts over from the newest page. Everything older is forgotten, since what
   * was changed or deleted meanwhile is not known for it any more.
   */
  startFrom(page: { messages: Message[]; hasBefore: boolean; lastSeq: number; epoch: string }): void {
    this.startAt(page.lastSeq, page.epoch);
    this.#learn({ ...page, hasAfter: false }, 'open');
  }

  /** The server says where the feed is, in this history: is that where we are? */
  agrees(lastSeq: number, epoch: string): boolean {
    this.#epoch = epoch;
    return this.#lastSeq >= lastSeq;
  }

  apply(change: Change): Outcome {
    if (change.seq <= this.#lastSeq) return 'known';
    if (change.seq > this.#lastSeq + 1) return 'gap';
    this.#lastSeq = change.seq;
    if (this.#pagesPending > 0) this.#changesMeanwhile.push(change);
    // Entries of every kind take a seq, so each of them extends what is known.
    const place = { from: change.seq, to: change.seq };
    if (change.event === 'message_received') {
      this.#arrivals += 1;
      this.#keep(change.data);
      this.#know({ ...place, ids: [change.data.id] });
    } else {
      this.#know({ ...place, ids: [] });
      this.#touch(change);
    }
    return 'applied';
  }

  /** A newer revision from an acknowledgement, ahead of the feed or not. */
  revise(message: Message): void {
    if (this.#messages.has(message.id)) this.#keep(message);
  }

  expectPage(): PendingPage {
    const life = this.#life;
    let open = true;
    this.#pagesPending += 1;
    const close = () => {
      if (!open) return false;
      open = false;
      this.#pagesPending -= 1;
      return life === this.#life;
    };
    return {
      arrived: (page, border) => {
        const meanwhile = this.#changesMeanwhile;
        if (close()) {
          this.#learn(page, border);
          for (const change of meanwhile) this.#touch(change);
        }
        if (this.#pagesPending === 0) this.#changesMeanwhile = [];
      },
      cancelled: () => {
        close();
        if (this.#pagesPending === 0) this.#changesMeanwhile = [];
      },
    };
  }

  /** Rows sent from here keep the key they had while they were pending. */
  sentHere(clientId: string): void {
    this.#sentHere.add(clientId);
  }

  /**
   * Keeps at most `limit` messages: the oldest, the newest, or those around one
   * of them. What is dropped becomes a gap that is loaded again when someone
   * scrolls there.
   */
  trim(keep: 'oldest' | 'newest' | { around: string }, limit: number): void {
    const ids = this.#spans.flatMap((span) => span.ids);
    if (ids.length <= limit) return;
    const most = ids.length - limit;
    const start =
      keep === 'oldest'
        ? 0
        : keep === 'newest'
          ? most
          : Math.min(most, Math.max(0, ids.indexOf(keep.around) - Math.floor(limit / 2)));
    const kept = new Set(ids.slice(start, start + limit));
    const seqs = [...kept].map(this.#seqOf);
    const from = start === 0 ? 1 : Math.min(...seqs);
    const to = start === most ? Number.POSITIVE_INFINITY : Math.max(...seqs);
    this.#spans = addSpan(
      keepOnly(this.#spans, from, to, this.#seqOf),
      { from: this.#lastSeq + 1, to: this.#lastSeq, ids: [] },
      this.#seqOf,
    );
    for (const id of ids) if (!kept.has(id)) this.#messages.delete(id);
    this.#itemsChanged();
  }

  /**
   * How many messages of others come after a read marker, when all of the log
   * from there to its head is here to be counted.
   */
  unreadAfter(seq: number, me: string): { unread: number; mentions: number } | undefined {
    const live = this.#spans.find((span) => span.from <= seq + 1 && span.to >= this.#lastSeq);
    if (!live) return undefined;
    let unread = 0;
    let mentions = 0;
    for (const id of live.ids) {
      const message = this.#messages.get(id);
      if (!message || message.seq <= seq || message.deletedAt || message.author.id === me) continue;
      unread += 1;
      if (mentionsUser(message, me)) mentions += 1;
    }
    return { unread: Math.min(unread, 100), mentions: Math.min(mentions, 100) };
  }

  /** Nobody else said anything between a read marker and this place, and nothing there is missing. */
  isReadUpTo(seq: number, marker: number, me: string): boolean {
    if (seq <= marker + 1) return true;
    const span = this.#spans.find(({ from, to }) => from <= marker + 1 && to >= seq - 1);
    return (
      span !== undefined &&
      !span.ids.some((id) => {
        const message = this.#messages.get(id);
        return message && message.seq > marker && message.seq < seq && message.author.id !== me;
      })
    );
  }

  #begin(lastSeq: number): void {
    this.#lastSeq = lastSeq;
    this.#spans = [{ from: lastSeq + 1, to: lastSeq, ids: [] }];
  }

  #learn(page: MessagePage, border: PageBorder): void {
    const first = page.messages[0]?.seq;
    const last = page.messages.at(-1)?.seq;
    const from = border !== 'open' && 'after' in border ? border.after + 1 : page.hasBefore ? first : 1;
    const to =
      border !== 'open' && 'before' in border ? border.before - 1 : page.hasAfter ? last : page.lastSeq;
    // Nobody follows a room that is only visited: what comes next joins where its first page was read.
    if (this.#spans.length === 0) this.#begin(page.lastSeq);
    for (const message of page.messages) this.#keep(message);
    if (from === undefined || to === undefined || to < from - 1) return;
    this.#know({ from, to, ids: page.messages.map((message) => message.id) });
  }

  /** Applies a change to a message that is here; others get it with their page. */
  #touch(change: Change): void {
    switch (change.event) {
      case 'message_received':
      case 'message_updated':
      case 'message_deleted': {
        const message = change.event === 'message_received' ? change.data : change.data.message;
        if (this.#messages.has(message.id)) this.#keep(message);
        if (change.event === 'message_deleted') this.#forgetExcerpts(message.id);
        return;
      }
      case 'reaction_added':
      case 'reaction_removed': {
        const message = this.#messages.get(change.data.messageId);
        if (!message || change.seq <= message.revSeq) return;
        const alter = change.event === 'reaction_added' ? withReaction : withoutReaction;
        this.#replace({
          ...message,
          revSeq: change.seq,
          reactions: alter(message.reactions, change.data.emoji, change.data.userId),
        });
        return;
      }
      default:
        // Members, roles and the room itself are kept elsewhere.
        return;
    }
  }

  #keep(message: Message): void {
    const known = this.#messages.get(message.id);
    if (known && known.revSeq >= message.revSeq) return;
    this.#replace(message);
  }

  #replace(message: Message): void {
    this.#messages.set(message.id, message);
    this.#listener.messageChanged(message.id);
  }

  /** A deleted text must not live on in the quotes of its replies. */
  #forgetExcerpts(id: string): void {
    for (const message of this.#messages.values()) {
      if (message.replyTo?.id !== id || message.replyTo.excerpt === '') continue;
      this.#replace({ ...message, replyTo: { ...message.replyTo, excerpt: '' } });
    }
  }

  #know(span: Span): void {
    const spans = this.#spans;
    this.#spans = addSpan(spans, span, this.#seqOf);
    const sameGaps = spans.length === this.#spans.length && spans[0]?.from === this.#spans[0]?.from;
    if (span.ids.length > 0 || !sameGaps) this.#itemsChanged();
  }

  #itemsChanged(): void {
    this.#items = undefined;
    this.#listener.itemsChanged();
  }

  #listItems(): readonly TimelineItem[] {
    const items: TimelineItem[] = [];
    let previous: string | undefined;
    let gap = false;
    for (const [index, span] of this.#spans.entries()) {
      gap ||= index > 0;
      for (const id of span.ids) {
        if (gap && previous) items.push(gapItem(previous, id));
        gap = false;
        items.push({ kind: 'message', key: this.#keyOf(id), id });
        previous = id;
      }
    }
    if (gap && previous) items.push(gapItem(previous, undefined));
    return items;
  }

  #keyOf(id: string): string {
    const clientId = this.#messages.get(id)?.clientId;
    return clientId && this.#sentHere.has(clientId) ? clientId : id;
  }
}

function gapItem(after: string, before: string | undefined): TimelineItem {
  return { kind: 'gap', key: `gap:${after}`, after, before };
}

// As the server reads it: all of a name, which a full stop or a dash cannot end.
const EVERYONE = /(?<![a-z0-9_.-])@all[.-]*(?![a-z0-9_.-])/i;

export function mentionsUser(message: Message, user: string): boolean {
  return message.mentions.includes(user) || callsEverybody(message.content);
}

export function callsEverybody(content: string): boolean {
  return EVERYONE.test(content);
}
