/**
 * The objects of the wire contract, under the names the application uses.
 *
 * They are generated from the server's own description (`make codegen`); only
 * what the generator cannot know is said here. Everything else imports from
 * `protocol/`, never from the generator's output.
 */
export type {
  Act,
  Action,
  Acts as ActPage,
  AdminRoom,
  AdminRooms as AdminRoomPage,
  AdminUser,
  AdminUsers as AdminUserPage,
  AtTheDoor,
  Excerpt as ReplyTo,
  Me,
  Member,
  Membership,
  Message,
  MessagePage,
  NodeTold,
  OwnSession,
  PatchAdminUser,
  Presence,
  Problem as ProblemDetails,
  Reaction,
  ReleaseSample,
  Role,
  Room,
  RoomKind,
  Rooms as RoomList,
  Sample,
  Sessions as SessionList,
  SocketError,
  Stats,
  StatsTold,
  Status as PresenceStatus,
  TellVitals,
  User,
  Users as UserList,
} from './generated';
