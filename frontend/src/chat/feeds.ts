/**
 * Follows rooms: asks for what is missing until each room's log is whole.
 *
 * Beginning to follow, coming back after a break, a jump in the numbers and a
 * feed the server gave up are one act: ask for the log after the last `seq`
 * known. Rooms that need it wait in one set and are asked for together.
 */
import type { Change, ResumedRoom } from '../protocol';
import { Failure } from './failure';
import type { Timeline } from './timeline';
import type { Wire } from './wire';

/** What the server takes in one `resume`. */
const ROOMS_PER_RESUME = 200;
const RETRY_MS = 2_000;

interface Place {
  roomId: string;
  since: number;
  epoch?: string;
}

type Answer = Exclude<ResumedRoom, { error: unknown }>;

export interface FeedOwner {
  timeline(roomId: string): Timeline | undefined;
  followedRooms(): Iterable<string>;
  /** Gives an entry to everything that keeps some of it; `gap` when entries before it are missing. */
  receive(roomId: string, change: Change): 'applied' | 'known' | 'gap';
  /** The room as of this answer, after its entries have been received. */
  answered(answer: Answer): void;
  /** The room is not ours to follow any more. */
  lost(roomId: string): void;
}

export class Feeds {
  readonly #wire: Wire;
  readonly #owner: FeedOwner;
  readonly #wanted = new Set<string>();
  #asking = new Set<string>();
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(wire: Wire, owner: FeedOwner) {
    this.#wire = wire;
    this.#owner = owner;
  }

  /** Asks for everything missed in every room, as after a break. */
  resumeAll(): void {
    this.#asking = new Set();
    this.follow(...this.#owner.followedRooms());
  }

  follow(...roomIds: string[]): void {
    for (const roomId of roomIds) this.#wanted.add(roomId);
    void this.#ask();
  }

  /** The room is ours: what was asked for before, and may yet be refused, is asked for again. */
  added(roomId: string): void {
    if (this.#asking.has(roomId)) this.#wanted.add(roomId);
  }

  /** A live entry came. If it does not join what is known, ask for what lies between. */
  receive(roomId: string, change: Change): void {
    if (this.#owner.receive(roomId, change) !== 'gap') return;
    if (!this.#asking.has(roomId)) this.follow(roomId);
  }

  /** Joining answers as following does. */
  joined(answer: Answer): void {
    this.#take(answer);
    void this.#ask();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#wanted.clear();
  }

  async #ask(): Promise<void> {
    if (this.#asking.size > 0 || this.#wanted.size === 0 || !this.#wire.connected) return;
    clearTimeout(this.#retry);
    const rooms: Place[] = [];
    for (const roomId of this.#wanted) {
      if (rooms.length === ROOMS_PER_RESUME) break;
      this.#wanted.delete(roomId);
      const timeline = this.#owner.timeline(roomId);
      if (!timeline) continue;
      rooms.push(placeOf(roomId, timeline));
    }
    const asking = new Set(rooms.map((room) => room.roomId));
    this.#asking = asking;
    if (asking.size === 0) return;
    try {
      const answer = await this.#wire.request('resume', { rooms });
      if (this.#asking !== asking) return;
      this.#asking = new Set();
      for (const room of answer.rooms) this.#take(room);
    } catch (thrown) {
      if (this.#asking !== asking) return;
      this.#asking = new Set();
      this.#later([...asking], Failure.from(thrown).retryAfterMs);
      return;
    }
    await this.#ask();
  }

  #take(room: ResumedRoom): void {
    if ('error' in room) {
      // Asked for again, as when it was added meanwhile: this is about what was before.
      if (this.#wanted.has(room.roomId)) return;
      if (room.error.code === 'not_found' || room.error.code === 'forbidden') this.#owner.lost(room.roomId);
      else this.#later([room.roomId], room.error.retryAfterMs ?? RETRY_MS);
      return;
    }
    const timeline = this.#owner.timeline(room.roomId);
    if (!timeline) return;
    if (room.changes) {
      for (const change of room.changes) this.#owner.receive(room.roomId, change);
      // An answer that does not reach its own end would leave a hole: start over.
      if (!timeline.agrees(room.lastSeq, room.epoch)) timeline.startAt(room.lastSeq, room.epoch);
    } else if (room.messages) {
      timeline.startFrom({ ...room, messages: room.messages, hasBefore: room.hasBefore ?? true });
    } else {
      // Told where the log is but given nothing: ask again from there.
      timeline.startAt(room.lastSeq, room.epoch);
      this.#wanted.add(room.roomId);
    }
    this.#owner.answered(room);
  }

  #later(roomIds: string[], waitMs: number = RETRY_MS): void {
    for (const roomId of roomIds) this.#wanted.add(roomId);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#ask(), waitMs);
  }
}

/** As far as a room's log is known here. */
export function placeOf(roomId: string, { lastSeq, epoch }: Timeline): Place {
  return { roomId, since: lastSeq, ...(epoch !== undefined && { epoch }) };
}
