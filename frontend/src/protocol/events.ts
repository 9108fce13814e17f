/**
 * What travels over the socket: each event's payload and acknowledgement.
 *
 * The objects come from `types`; only the map of names is written by hand.
 */
import type { Member, Membership, Message, Presence, Room, SocketError, User } from './types';

/** An entry of a room's log. Each kind takes the room's next `seq`. */
interface LogEvents {
  message_received: Message;
  message_updated: { roomId: string; seq: number; message: Message };
  message_deleted: { roomId: string; seq: number; message: Message };
  reaction_added: { roomId: string; seq: number; messageId: string; emoji: string; userId: string };
  reaction_removed: { roomId: string; seq: number; messageId: string; emoji: string; userId: string };
  member_added: { roomId: string; seq: number; member: Member };
  member_changed: { roomId: string; seq: number; member: Member };
  member_removed: { roomId: string; seq: number; userId: string; by?: string };
  room_updated: { roomId: string; seq: number; room: Room };
  room_archived: { roomId: string; seq: number; room: Room };
}

/** Hints: a missed one is repaired by the next resume. */
interface HintEvents {
  room_reset: { roomId: string };
  user_joined: { roomId: string; user: User; at: string };
  user_left: { roomId: string; user: User; at: string };
  presence_changed: Presence;
  user_typing: { roomId: string; userId: string };
  user_stopped_typing: { roomId: string; userId: string };
  read_marked: { roomId: string; lastReadSeq: number; lastReadId?: string; unread: number; mentions: number };
  room_added: { room: Room };
  room_removed: { roomId: string };
  session_revoked: Record<string, never>;
  server_draining: { reconnectAfterMs: number };
}

type ServerEvents = LogEvents & HintEvents;

/** One event from the server with its name. */
export type News = {
  [Name in keyof ServerEvents]: { name: Name; payload: ServerEvents[Name] };
}[keyof ServerEvents];

type EntryOf<Name extends keyof LogEvents> = { seq: number; event: Name; data: LogEvents[Name] };

/** A log entry as `changes` carries it. */
export type Change = { [Name in keyof LogEvents]: EntryOf<Name> }[keyof LogEvents];

interface Joined {
  room: Room;
  members: Member[];
  lastSeq: number;
  epoch: string;
}

/** What following a room answers: the log since a known place, or the newest page. */
export type JoinedRoom = Joined &
  (
    | { reset: false; changes: Change[] }
    | { reset: true; messages?: Message[]; hasBefore?: boolean }
    | { reset?: never; messages: Message[]; hasBefore: boolean }
  );

export type ResumedRoom = (JoinedRoom & { roomId: string }) | { roomId: string; error: SocketError };

/** Each client event: what is sent, and what its success carries besides `ok`. */
export interface ClientEvents {
  join_room: [{ roomId: string; since?: number; epoch?: string; limit?: number }, JoinedRoom];
  leave_room: [{ roomId: string }, object];
  resume: [{ rooms: { roomId: string; since: number; epoch?: string }[] }, { rooms: ResumedRoom[] }];
  send_message: [
    { roomId: string; content: string; clientId: string; replyTo?: string },
    { message: Message; duplicate: boolean },
  ];
  edit_message: [{ roomId: string; messageId: string; content: string }, { message: Message }];
  delete_message: [{ roomId: string; messageId: string }, object];
  add_reaction: [{ roomId: string; messageId: string; emoji: string }, object];
  remove_reaction: [{ roomId: string; messageId: string; emoji: string }, object];
  mark_read: [{ roomId: string; messageId: string; force?: boolean }, { membership: Membership }];
  start_typing: [{ roomId: string }, object];
  stop_typing: [{ roomId: string }, object];
  update_presence: [{ status: 'online' | 'away' }, object];
}

export type Acknowledgement<Name extends keyof ClientEvents> =
  | ({ ok: true } & ClientEvents[Name][1])
  | { ok: false; error: SocketError };
