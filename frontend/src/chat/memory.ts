/**
 * What is remembered of rooms from one visit to the next: the rooms themselves
 * and the newest page of those that were read, so that the next visit begins
 * with something to read, also without a connection.
 *
 * A remembered page says up to which entry of the log it goes. Following the
 * room from there brings it up to date as after any break, edits and deletions
 * included: what is remembered is old at worst, and never wrong for long.
 */
import type { Member, Message, Room } from '../protocol';
import type { People } from './people';
import type { Rooms } from './rooms';
import type { Timeline } from './timeline';

/** What one screen and a little more shows. */
const PAGE = 50;
/** Rooms whose page is remembered: the ones read last. */
const MOST_PAGES = 60;
/** A busy room is written down now and then, not at every message. */
const SAVE_AFTER_MS = 2_000;

export interface RememberedRoom {
  readonly room: Room;
  /** The people a direct room is named after. */
  readonly members?: readonly Member[];
}

export interface RememberedPage {
  readonly roomId: string;
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly lastSeq: number;
  readonly epoch: string;
  /** When it was written down. */
  readonly at: number;
}

export interface MemoryStorage {
  rooms(): Promise<RememberedRoom[]>;
  page(roomId: string): Promise<RememberedPage | undefined>;
  pages(): Promise<RememberedPage[]>;
  keep(rooms: readonly RememberedRoom[], pages: readonly RememberedPage[]): Promise<void>;
  forgetRooms(roomIds: readonly string[]): Promise<void>;
  forgetPages(roomIds: readonly string[]): Promise<void>;
}

interface MemoryParts {
  storage: MemoryStorage;
  rooms: Rooms;
  people: People;
  timeline: (roomId: string) => Timeline;
  /** A room was remembered, before its page. */
  recalled: (room: Room) => void;
}

export class Memory {
  readonly #parts: MemoryParts;
  readonly #kept = new Map<string, Room>();
  readonly #touched = new Set<string>();
  /** Rooms that are shown from memory, the server having said nothing of them yet. */
  readonly #shown = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  /** The rooms, and the page of the one that is looked at first. */
  async recall(first: string | undefined): Promise<void> {
    const { storage, people, recalled } = this.#parts;
    const [rooms, page] = await Promise.all([
      storage.rooms().catch(() => []),
      first === undefined ? undefined : storage.page(first).catch(() => undefined),
    ]);
    for (const { room, members } of rooms) {
      this.#kept.set(room.id, room);
      recalled(room);
      if (members) people.putMembers(room.id, members.map(asStranger));
    }
    if (page) this.#open(page);
  }

  /** The pages of all other rooms. */
  async recallPages(): Promise<void> {
    const pages = await this.#parts.storage.pages().catch(() => []);
    const newestFirst = [...pages].sort((a, b) => b.at - a.at);
    for (const page of newestFirst.slice(0, MOST_PAGES)) this.#open(page);
    const old = newestFirst.slice(MOST_PAGES).map((page) => page.roomId);
    if (old.length > 0) this.#parts.storage.forgetPages(old).catch(() => undefined);
  }

  /** Something is new: in the messages of this room, or about some room. */
  touch(roomId?: string): void {
    if (roomId !== undefined) this.#touched.add(roomId);
    this.#timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  /** The server has told what is new in this room: true when that was the first time, after memory. */
  caughtUp(roomId: string): boolean {
    return this.#shown.delete(roomId);
  }

  forget(roomId: string): void {
    this.#touched.delete(roomId);
    this.#kept.delete(roomId);
    this.#parts.storage.forgetRooms([roomId]).catch(() => undefined);
  }

  /** Nothing that was read stays; what was written does. */
  async forgetAll(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#touched.clear();
    const rooms = await this.#parts.storage.rooms().catch(() => []);
    await this.#parts.storage.forgetRooms(rooms.map(({ room }) => room.id)).catch(() => undefined);
  }

  /** Writes down what has changed, at once: the page may be about to go. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rooms = this.#parts.rooms.list.filter((room) => this.#kept.get(room.id) !== room);
    const pages = [...this.#touched].flatMap((roomId) => this.#pageOf(roomId));
    this.#touched.clear();
    if (rooms.length === 0 && pages.length === 0) return;
    for (const room of rooms) this.#kept.set(room.id, room);
    const remembered = rooms.map((room) => this.#withNames(room));
    this.#parts.storage.keep(remembered, pages).catch(() => undefined);
  }

  #open(page: RememberedPage): void {
    const known = this.#parts.rooms.get(page.roomId);
    const timeline = this.#parts.timeline(page.roomId);
    if (!known || timeline.loaded) return;
    timeline.startFrom({ ...page, messages: [...page.messages] });
    this.#shown.add(page.roomId);
    // It is written down already.
    this.#touched.delete(page.roomId);
  }

  #withNames(room: Room): RememberedRoom {
    return room.kind === 'direct' ? { room, members: this.#parts.people.members(room.id) } : { room };
  }

  #pageOf(roomId: string): RememberedPage[] {
    const timeline = this.#parts.timeline(roomId);
    const { epoch, lastSeq } = timeline;
    if (!this.#parts.rooms.get(roomId) || epoch === undefined || !timeline.reachesEnd) return [];
    const run: Message[] = [];
    const items = timeline.items;
    let index = items.length;
    while (index > 0 && run.length < PAGE) {
      const item = items[index - 1];
      const message = item?.kind === 'message' ? timeline.message(item.id) : undefined;
      if (!message) break;
      run.push(message);
      index -= 1;
    }
    if (run.length === 0) return [];
    const hasBefore = index > 0 || !timeline.reachesStart;
    return [{ roomId, messages: run.reverse(), hasBefore, lastSeq, epoch, at: Date.now() }];
  }
}

/** Whether somebody is here is not remembered, only who they are. */
function asStranger(member: Member): Member {
  return { ...member, here: false, presence: { ...member.presence, status: 'unknown' } };
}
