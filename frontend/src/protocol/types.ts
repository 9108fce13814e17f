/**
 * The objects of the wire contract, under the names the application uses.
 *
 * They are generated from the server's own description (`make codegen`); only
 * what the generator cannot know is said here. Everything else imports from
 * `protocol/`, never from the generator's output.
 */
export type {
  AtTheDoor,
  Excerpt as ReplyTo,
  Me,
  Member,
  Membership,
  Message,
  MessagePage,
  Presence,
  Problem as ProblemDetails,
  Reaction,
  Room,
  RoomKind,
  Rooms as RoomList,
  SocketError,
  Status as PresenceStatus,
  User,
  Users as UserList,
} from './generated';
