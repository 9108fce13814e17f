/**
 * Fetches pages of the past and lays them into a timeline.
 *
 * One page per room and place at a time. What was asked for in vain stays a gap
 * with a word about it, and can be asked for again.
 */
import type { MessagePage } from '../protocol';
import { Failure } from './failure';
import type { Notices } from './notices';
import type { PageBorder, Timeline, TimelineItem } from './timeline';

/** Messages kept of one room; the far end is dropped and loaded again on return. */
export const WINDOW = 400;

export type PageQuery = { before: string } | { after: string } | { around: string } | Record<string, never>;

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

  newest(roomId: string): Promise<void> {
    return this.#load(roomId, 'newest', {}, 'open');
  }

  around(roomId: string, messageId: string): Promise<void> {
    return this.#load(roomId, 'around', { around: messageId }, 'open');
  }

  older(roomId: string): Promise<void> {
    const timeline = this.#timeline(roomId);
    const first = timeline.items[0];
    if (first?.kind !== 'message' || timeline.reachesStart) return this.newest(roomId);
    return this.#before(roomId, first.id, 'older').then(() => timeline.trim('oldest', WINDOW));
  }

  /** Fills a gap from its upper or its lower side. */
  async gap(roomId: string, gap: Gap, side: 'after' | 'before'): Promise<void> {
    const timeline = this.#timeline(roomId);
    if (side === 'before' && gap.before) {
      await this.#before(roomId, gap.before, gap.key);
      return;
    }
    const seq = timeline.message(gap.after)?.seq;
    if (seq === undefined) return;
    await this.#load(roomId, gap.key, { after: gap.after }, { after: seq });
    timeline.trim('newest', WINDOW);
  }

  #before(roomId: string, id: string, place: string): Promise<void> {
    const seq = this.#timeline(roomId).message(id)?.seq;
    return seq === undefined ? Promise.resolve() : this.#load(roomId, place, { before: id }, { before: seq });
  }

  async #load(roomId: string, place: string, query: PageQuery, border: PageBorder): Promise<void> {
    if (this.progress(roomId).loading.has(place)) return;
    this.#note(roomId, place, true);
    const expected = this.#timeline(roomId).expectPage();
    try {
      const page = await this.#fetchPage(roomId, query);
      expected.arrived(page, border);
      this.#arrived(roomId, page);
      this.#note(roomId, place, false);
    } catch (thrown) {
      expected.cancelled();
      this.#note(roomId, place, false, Failure.from(thrown));
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
