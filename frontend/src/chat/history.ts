/**
 * Fetches pages of the past and lays them into a timeline.
 *
 * One page per room and place at a time. What was asked for in vain stays a gap
 * with a word about it, and can be asked for again.
 */
import type { Message, MessagePage } from '../protocol';
import { Failure } from './failure';
import type { Notices } from './notices';
import type { PageBorder, Timeline, TimelineItem } from './timeline';

/** Messages kept of the room that is read; the far end is dropped and loaded again on return. */
export const WINDOW = 600;

export type PageQuery =
  | { before: string }
  | { after: string }
  | { around: string }
  | { at: string }
  | Record<string, never>;

export interface PageProgress {
  readonly loading: ReadonlySet<string>;
  readonly failures: ReadonlyMap<string, Failure>;
}

const IDLE: PageProgress = { loading: new Set(), failures: new Map() };

type Gap = Extract<TimelineItem, { kind: 'gap' }>;

export class History {
  readonly #fetchPage: (roomId: string, query: PageQuery) => Promise<MessagePage>;
  readonly #timeline: (roomId: string) => Timeline;
  readonly #arrived: (roomId: string, page: MessagePage) => void;
  readonly #notices: Notices;
  readonly #progress = new Map<string, PageProgress>();
  readonly #underWay = new Map<string, Promise<MessagePage | undefined>>();

  constructor(parts: {
    fetchPage: (roomId: string, query: PageQuery) => Promise<MessagePage>;
    timeline: (roomId: string) => Timeline;
    arrived: (roomId: string, page: MessagePage) => void;
    notices: Notices;
  }) {
    this.#fetchPage = parts.fetchPage;
    this.#timeline = parts.timeline;
    this.#arrived = parts.arrived;
    this.#notices = parts.notices;
  }

  progress(roomId: string): PageProgress {
    return this.#progress.get(roomId) ?? IDLE;
  }

  async newest(roomId: string): Promise<void> {
    await this.#load(roomId, 'newest', {}, 'open');
  }

  /** A page around a message; true when the message is here afterwards. */
  async around(roomId: string, messageId: string): Promise<boolean> {
    await this.#load(roomId, `around:${messageId}`, { around: messageId }, 'open');
    const timeline = this.#timeline(roomId);
    timeline.trim({ around: messageId }, WINDOW);
    return timeline.message(messageId) !== undefined;
  }

  /** The first message said at this moment or after it, or the last one before. */
  async at(roomId: string, moment: Date): Promise<Message | undefined> {
    const page = await this.#load(roomId, 'at', { at: moment.toISOString() }, 'open');
    const first = page?.messages.find((message) => Date.parse(message.createdAt) >= moment.getTime());
    const found = first ?? page?.messages.at(-1);
    if (found) this.#timeline(roomId).trim({ around: found.id }, WINDOW);
    return found;
  }

  async older(roomId: string): Promise<void> {
    const timeline = this.#timeline(roomId);
    const first = timeline.items[0];
    if (first?.kind !== 'message' || timeline.reachesStart) return this.newest(roomId);
    await this.#before(roomId, first.id, 'older');
    timeline.trim('oldest', WINDOW);
  }

  /** Fills a gap from its upper or its lower side. */
  async gap(roomId: string, gap: Gap, side: 'after' | 'before'): Promise<void> {
    const timeline = this.#timeline(roomId);
    if (side === 'before' && gap.before) {
      await this.#before(roomId, gap.before, gap.key);
      timeline.trim({ around: gap.before }, WINDOW);
      return;
    }
    const seq = timeline.message(gap.after)?.seq;
    if (seq === undefined) return;
    await this.#load(roomId, gap.key, { after: gap.after }, { after: seq });
    timeline.trim({ around: gap.after }, WINDOW);
  }

  async #before(roomId: string, id: string, place: string): Promise<void> {
    const seq = this.#timeline(roomId).message(id)?.seq;
    if (seq !== undefined) await this.#load(roomId, place, { before: id }, { before: seq });
  }

  /** Whoever asks for what is already under way gets the same page. */
  #load(
    roomId: string,
    place: string,
    query: PageQuery,
    border: PageBorder,
  ): Promise<MessagePage | undefined> {
    const name = `${roomId} ${place}`;
    const underWay = this.#underWay.get(name);
    if (underWay) return underWay;
    const loading = this.#fetch(roomId, place, query, border).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, loading);
    return loading;
  }

  async #fetch(
    roomId: string,
    place: string,
    query: PageQuery,
    border: PageBorder,
  ): Promise<MessagePage | undefined> {
    this.#note(roomId, place, true);
    const expected = this.#timeline(roomId).expectPage();
    try {
      const page = await this.#fetchPage(roomId, query);
      expected.arrived(page, border);
      this.#arrived(roomId, page);
      this.#note(roomId, place, false);
      return page;
    } catch (thrown) {
      expected.cancelled();
      this.#note(roomId, place, false, Failure.from(thrown));
      return undefined;
    }
  }

  #note(roomId: string, place: string, loading: boolean, failure?: Failure): void {
    const progress = this.progress(roomId);
    const places = new Set(progress.loading);
    const failures = new Map(progress.failures);
    if (loading) places.add(place);
    else places.delete(place);
    if (failure) failures.set(place, failure);
    else failures.delete(place);
    this.#progress.set(roomId, { loading: places, failures });
    this.#notices.changed(`history:${roomId}`);
  }
}
