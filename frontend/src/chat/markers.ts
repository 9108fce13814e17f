/**
 * How far the user has read in each room, and what is unread after that.
 *
 * A count from the server is as of when it was made; where the timeline has all
 * that came after the marker, what it counts is as of now.
 */
import type { Message, Room } from '../protocol';
import type { ReadMarker, Rooms } from './rooms';
import type { Opening } from './settings';
import type { Timeline } from './timeline';
import type { Wire } from './wire';

interface MarkersParts {
  readonly me: string;
  readonly wire: Wire;
  readonly rooms: Rooms;
  timeline(roomId: string): Timeline;
  fetchRoom(roomId: string): Promise<Room>;
  /** Where rooms with unread messages open. */
  opening(): Opening;
}

export class Markers {
  readonly #parts: MarkersParts;
  #moving: Promise<unknown> = Promise.resolve();
  #forced = 0;

  constructor(parts: MarkersParts) {
    this.#parts = parts;
  }

  /** Whether reading moves the marker while the message at this `seq` is the first in view. */
  mayMove(roomId: string, seq: number): boolean {
    const { me, rooms, timeline, opening } = this.#parts;
    if (opening() !== 'newestKeepingUnread') return true;
    return timeline(roomId).isReadUpTo(seq, rooms.get(roomId)?.membership?.lastReadSeq ?? 0, me);
  }

  /** Moves the marker to a message; only forward, unless the user asks to see something as unread again. */
  async move(message: Message, force = false): Promise<void> {
    const { me, wire, rooms, timeline } = this.#parts;
    const { roomId, id, seq } = message;
    const membership = rooms.get(roomId)?.membership;
    if (!membership || (!force && seq <= membership.lastReadSeq)) return;
    const counted = timeline(roomId).unreadAfter(seq, me);
    if (counted) rooms.setMarker(roomId, { lastReadSeq: seq, lastReadId: id, ...counted });
    if (force) this.#forced += 1;
    const forced = this.#forced;
    // One after the other: a marker set back on purpose must not be overtaken by one on its way.
    const asked = this.#moving.then(() =>
      wire.request('mark_read', { roomId, messageId: id, ...(force ? { force } : {}) }),
    );
    this.#moving = asked.catch(() => undefined);
    const answer = await asked;
    if (forced !== this.#forced) return;
    // A message of one's own may have moved it further meanwhile.
    const known = rooms.get(roomId)?.membership?.lastReadSeq ?? 0;
    if (force || answer.membership.lastReadSeq >= known) this.moved(roomId, answer.membership);
  }

  /** The server says where the marker is. */
  moved(roomId: string, marker: ReadMarker): void {
    const { me, rooms, timeline } = this.#parts;
    const counted = timeline(roomId).unreadAfter(marker.lastReadSeq, me);
    rooms.setMarker(roomId, { ...markerOf(marker), ...counted });
  }

  /** A message that may have counted as unread is gone. */
  deleted({ roomId, seq, author }: Message): void {
    const { me, rooms, timeline } = this.#parts;
    const membership = rooms.get(roomId)?.membership;
    if (!membership || seq <= membership.lastReadSeq || author.id === me) return;
    const counted = timeline(roomId).unreadAfter(membership.lastReadSeq, me);
    if (counted) rooms.setMarker(roomId, { ...markerOf(membership), ...counted });
    else void this.#askForCount(roomId);
  }

  async #askForCount(roomId: string): Promise<void> {
    const { rooms, timeline, fetchRoom } = this.#parts;
    const room = await fetchRoom(roomId).catch(() => undefined);
    // An answer older than what has been received meanwhile would count backwards.
    if (room && rooms.get(roomId) && room.lastSeq >= timeline(roomId).lastSeq) rooms.put(room);
  }
}

function markerOf({ lastReadSeq, lastReadId, unread, mentions }: ReadMarker): ReadMarker {
  return { lastReadSeq, unread, mentions, ...(lastReadId ? { lastReadId } : {}) };
}
