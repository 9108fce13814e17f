/**
 * The order in which rooms are listed, and when it may change.
 *
 * What was pinned stands first, then what wants its reader, then rooms, then
 * people; among rooms what is new comes before what is not. The list keeps its
 * order while somebody points at it or has the focus in it, and changes it at
 * most every two seconds. Rooms that come and go do so at once.
 */
import type { Room } from '../protocol';
import { callOf } from './rooms';

const SETTLES_MS = 2_000;

export type Shelf = 'pinned' | 'wanted' | 'rooms' | 'people';

export interface Section {
  readonly shelf: Shelf;
  readonly roomIds: readonly string[];
}

const SHELVES: readonly Shelf[] = ['pinned', 'wanted', 'rooms', 'people'];

interface Sorting {
  pinned: readonly string[];
  nameOf: (room: Room) => string;
  now: number;
}

interface Parts {
  rooms: () => readonly Room[];
  nameOf: (room: Room) => string;
  pinned: () => readonly string[];
  changed: () => void;
}

/** What keeps the list from moving. */
type Holder = 'pointer' | 'focus';

export class RoomOrder {
  readonly #parts: Parts;
  #sections: readonly Section[] = SHELVES.map((shelf) => ({ shelf, roomIds: [] }));
  #holders = new Set<Holder>();
  #settledAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  hold(holder: Holder, held: boolean): void {
    if (held) this.#holders.add(holder);
    else if (this.#holders.delete(holder)) this.look();
  }

  /** Something about the rooms has changed. */
  look(): void {
    const now = Date.now();
    const wait = this.#settledAt + SETTLES_MS - now;
    if (this.#holders.size > 0 || wait > 0) {
      this.#admit(now);
      if (this.#holders.size === 0) this.#timer ??= setTimeout(() => this.#lookAgain(), wait);
      return;
    }
    this.settle();
  }

  /** Puts everything where it belongs, whoever points at it. */
  settle(): void {
    this.stop();
    const now = Date.now();
    const { rooms, nameOf, pinned } = this.#parts;
    if (this.#become(shelve(rooms(), { pinned: pinned(), nameOf, now }))) this.#settledAt = now;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The room before or after another in the list, round its ends. */
  beside(roomId: string | undefined, step: 1 | -1, wanted: (roomId: string) => boolean): string | undefined {
    const ids = this.#sections.flatMap((section) => section.roomIds);
    const from = roomId === undefined ? -1 : ids.indexOf(roomId);
    const start = from < 0 && step < 0 ? 0 : from;
    for (let away = 1; away <= ids.length; away += 1) {
      const id = ids[(start + step * away + ids.length * 2) % ids.length];
      if (id !== undefined && id !== roomId && wanted(id)) return id;
    }
    return undefined;
  }

  #lookAgain(): void {
    this.#timer = undefined;
    this.look();
  }

  /** Lets rooms come and go without moving the others: new ones stand last on their shelf. */
  #admit(now: number): void {
    const { rooms, nameOf, pinned } = this.#parts;
    const all = new Map(rooms().map((room) => [room.id, room]));
    const listed = new Set(this.#sections.flatMap((section) => section.roomIds));
    const coming = [...all.values()].filter((room) => !listed.has(room.id));
    if (coming.length === 0 && listed.size === all.size) return;
    const places = shelve(coming, { pinned: pinned(), nameOf, now });
    this.#become(
      this.#sections.map(({ shelf, roomIds }, index) => ({
        shelf,
        roomIds: [...roomIds.filter((id) => all.has(id)), ...(places[index]?.roomIds ?? [])],
      })),
    );
  }

  #become(sections: readonly Section[]): boolean {
    if (JSON.stringify(sections) === JSON.stringify(this.#sections)) return false;
    this.#sections = sections;
    this.#parts.changed();
    return true;
  }
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export function shelve(rooms: readonly Room[], { pinned, nameOf, now }: Sorting): Section[] {
  const pins = new Map(pinned.map((id, index) => [id, index]));
  const placed = rooms.map((room) => {
    const call = callOf(room, now);
    const shelf: Shelf = pins.has(room.id)
      ? 'pinned'
      : call === 'attention'
        ? 'wanted'
        : room.kind === 'direct'
          ? 'people'
          : 'rooms';
    return { room, shelf, isNew: call !== 'quiet', activeAt: Date.parse(room.lastActivityAt) };
  });
  placed.sort(
    (a, b) =>
      Number(b.isNew) - Number(a.isNew) ||
      b.activeAt - a.activeAt ||
      names.compare(nameOf(a.room), nameOf(b.room)),
  );
  return SHELVES.map((shelf) => {
    const roomIds = placed.filter((one) => one.shelf === shelf).map((one) => one.room.id);
    // The order of what was pinned is its owner's.
    if (shelf === 'pinned') roomIds.sort((a, b) => (pins.get(a) ?? 0) - (pins.get(b) ?? 0));
    return { shelf, roomIds };
  });
}
