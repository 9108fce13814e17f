/**
 * What travels over the socket: each event's payload and acknowledgement.
 *
 * The objects come from `types`; only the map of names is written by hand.
 */
import type * as wire from './generated';

/** An entry of a room's log. Each kind takes the room's next `seq`. */
interface LogEvents {
  message_received: wire.Message;
  message_updated: wire.MessageChanged;
  message_deleted: wire.MessageChanged;
  reaction_added: wire.ReactionChanged;
  reaction_removed: wire.ReactionChanged;
  member_added: wire.MemberChanged;
  member_changed: wire.MemberChanged;
  member_removed: wire.MemberRemoved;
  room_updated: wire.RoomChanged;
  room_archived: wire.RoomChanged;
}

/** Hints: a missed one is repaired by the next resume. */
interface HintEvents {
  room_reset: wire.OfRoom;
  user_joined: wire.Here;
  user_left: wire.Here;
  presence_changed: wire.Presence;
  user_typing: wire.Typing;
  user_stopped_typing: wire.Typing;
  read_marked: wire.ReadMarked;
  room_added: wire.RoomAdded;
  room_removed: wire.OfRoom;
  session_revoked: wire.Nothing;
  server_draining: wire.ServerDraining;
  'admin:stats': wire.StatsTold;
}

type ServerEvents = LogEvents & HintEvents;

/** One event from the server with its name. */
export type News = {
  [Name in keyof ServerEvents]: { name: Name; payload: ServerEvents[Name] };
}[keyof ServerEvents];

type EntryOf<Name extends keyof LogEvents> = { seq: number; event: Name; data: LogEvents[Name] };

/** A log entry as `changes` carries it. */
export type Change = { [Name in keyof LogEvents]: EntryOf<Name> }[keyof LogEvents];

/** What following a room answers: the log since a known place, or the newest page. */
export type JoinedRoom = Omit<wire.JoinedRoom, 'changes'> & { changes?: Change[] | null };

export type ResumedRoom = { roomId: string } & (JoinedRoom | { error: wire.SocketError });

/** Each client event: what is sent, and what its success carries besides `ok`. */
export interface ClientEvents {
  join_room: [wire.JoinRoom, JoinedRoom];
  leave_room: [wire.InRoom, wire.Nothing];
  resume: [wire.Resume, { rooms: ResumedRoom[] }];
  send_message: [wire.SendMessage, wire.SentMessage];
  edit_message: [wire.EditMessageIn, wire.Edited];
  delete_message: [wire.DeleteMessage, wire.Nothing];
  add_reaction: [wire.React, wire.Nothing];
  remove_reaction: [wire.React, wire.Nothing];
  mark_read: [wire.MarkReadIn, wire.Marked];
  start_typing: [wire.InRoom, wire.Nothing];
  stop_typing: [wire.InRoom, wire.Nothing];
  update_presence: [wire.UpdatePresence, wire.Nothing];
  watch_stats: [wire.Nothing, wire.Nothing];
  unwatch_stats: [wire.Nothing, wire.Nothing];
}

export type Acknowledgement<Name extends keyof ClientEvents> =
  | ({ ok: true } & ClientEvents[Name][1])
  | { ok: false; error: wire.SocketError };
