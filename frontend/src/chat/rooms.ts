/**
 * The user's rooms with their unread counts.
 *
 * Counts start from what the server says at a place in the log and are carried
 * on by what comes after it. Moving the read marker counts anew.
 */
import type { Change, Membership, Room } from '../protocol';
import type { Notices } from './notices';
import { mentionsUser } from './timeline';

/** The server counts to 99; this stands for more. */
export const MANY_UNREAD = 100;

export interface ReadMarker {
  lastReadSeq: number;
  lastReadId?: string | null;
  unread: number;
  mentions: number;
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  /** Each room as it was when something of it changed last that is not counted. */
  readonly #faces = new Map<string, Room>();
  /** Up to which `seq` the unread count of a room already includes its messages. */
  readonly #countedTo = new Map<string, number>();
  readonly #me: string;
  readonly #notices: Notices;
  #list: readonly Room[] | undefined;

  constructor(me: string, notices: Notices) {
    this.#me = me;
    this.#notices = notices;
  }

  get(id: string): Room | undefined {
    return this.#rooms.get(id);
  }

  /**
   * The room as its own page shows it: the same one while messages only move its counts, its `lastSeq`
   * and its activity, which may be old in it. Whoever shows those asks for the room itself.
   */
  face(id: string): Room | undefined {
    return this.#faces.get(id);
  }

  /** Rooms the user is a member of, in no particular order. */
  get list(): readonly Room[] {
    this.#list ??= [...this.#rooms.values()];
    return this.#list;
  }

  /** Takes the server's word for a room, its counts included when it carries them. */
  put(room: Room): void {
    const known = this.#rooms.get(room.id);
    const membership = room.membership ?? known?.membership;
    if (room.membership) this.#countedTo.set(room.id, room.lastSeq);
    this.#set({ ...room, ...(membership ? { membership } : {}) });
  }

  remove(id: string): void {
    if (!this.#rooms.delete(id)) return;
    this.#faces.delete(id);
    this.#countedTo.delete(id);
    this.#changed(id);
  }

  receive(roomId: string, change: Change): void {
    const room = this.#rooms.get(roomId);
    if (!room) return;
    switch (change.event) {
      case 'message_received':
        this.#count({ ...room, lastSeq: change.seq, lastActivityAt: change.data.createdAt }, change);
        return;
      case 'room_updated':
      case 'room_archived':
        this.put({ ...change.data.room, lastSeq: change.seq });
        return;
      case 'member_added':
      case 'member_removed': {
        const more = change.event === 'member_added' ? 1 : -1;
        // The room's own count may already include an entry that is replayed.
        const counted = change.seq <= room.lastSeq;
        this.#set({
          ...room,
          memberCount: room.memberCount + (counted ? 0 : more),
          lastSeq: Math.max(room.lastSeq, change.seq),
        });
        return;
      }
      case 'member_changed':
        if (change.data.member.user.id !== this.#me || !room.membership) return;
        this.#set({ ...room, membership: { ...room.membership, role: change.data.member.role } });
        return;
      default:
        return;
    }
  }

  /** Takes the server's word for what the user wants of a room, without its counts. */
  setNotify(roomId: string, { notify, mutedUntil }: Membership): void {
    const room = this.#rooms.get(roomId);
    if (!room?.membership) return;
    const membership = { ...room.membership, notify, mutedUntil: mutedUntil ?? null };
    this.#set({ ...room, membership });
  }

  /** The marker moves by itself while somebody reads, and keeps them from nothing else. */
  setMarker(roomId: string, marker: ReadMarker): void {
    const room = this.#rooms.get(roomId);
    if (!room?.membership) return;
    const membership = { ...room.membership, ...marker };
    this.#notices.patiently(() => this.#recount({ ...room, membership }));
  }

  #count(room: Room, change: Extract<Change, { event: 'message_received' }>): void {
    const { membership } = room;
    const counted = change.seq <= (this.#countedTo.get(room.id) ?? 0);
    if (!membership || counted) this.#recount(room);
    else this.#recount({ ...room, membership: this.#withMessage(membership, change) });
  }

  #withMessage(
    membership: Membership,
    { seq, data }: Extract<Change, { event: 'message_received' }>,
  ): Membership {
    // One's own message moves the marker: whoever writes has read what was there.
    if (data.author.id === this.#me) {
      return { ...membership, lastReadSeq: seq, lastReadId: data.id, unread: 0, mentions: 0 };
    }
    if (seq <= membership.lastReadSeq || data.deletedAt) return membership;
    const mentioned = mentionsUser(data, this.#me) ? 1 : 0;
    return {
      ...membership,
      unread: Math.min(membership.unread + 1, MANY_UNREAD),
      mentions: Math.min(membership.mentions + mentioned, MANY_UNREAD),
    };
  }

  #set(room: Room): void {
    this.#faces.set(room.id, room);
    this.#recount(room);
  }

  #recount(room: Room): void {
    this.#rooms.set(room.id, room);
    this.#changed(room.id);
  }

  #changed(id: string): void {
    this.#list = undefined;
    this.#notices.changed('rooms', `room:${id}`);
  }
}

/** Somebody does not want to hear of this room, unless they are called by name. */
export function isMuted({ membership }: Room, now: number): boolean {
  if (!membership) return false;
  return membership.notify === 'none' || Date.parse(membership.mutedUntil ?? '') > now;
}

/** How loudly a room asks: someone wants you, something is new, nothing is. */
export function callOf(room: Room, now: number): 'attention' | 'unread' | 'quiet' {
  const { membership } = room;
  if (!membership || membership.unread === 0) return 'quiet';
  if (membership.mentions > 0) return 'attention';
  if (isMuted(room, now)) return 'quiet';
  return room.kind === 'direct' ? 'attention' : 'unread';
}

/** How many messages a room has for somebody in person. */
export function wantingIn(room: Room, now: number): number {
  const { membership } = room;
  if (!membership || callOf(room, now) !== 'attention') return 0;
  return room.kind === 'direct' && !isMuted(room, now) ? membership.unread : membership.mentions;
}

export function wantingInAll(rooms: readonly Room[], now: number): number {
  return rooms.reduce((sum, room) => sum + wantingIn(room, now), 0);
}
