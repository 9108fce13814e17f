/**
 * The objects of the wire contract, under the names the application uses.
 *
 * Everything else imports from `protocol/`, never from the generator's output,
 * so that this file is the only one to change when the source of the types does.
 */

type UserRole = 'owner' | 'admin' | 'member' | 'guest';
export type RoomKind = 'public' | 'private' | 'direct';
type MemberRole = 'owner' | 'admin' | 'member';
export type PresenceStatus = 'online' | 'away' | 'offline' | 'unknown';

export interface User {
  id: string;
  username: string;
  displayName: string;
  avatarUrl?: string;
  isBot: boolean;
  role: UserRole;
  createdAt: string;
  lastSeenAt?: string;
}

export interface Me extends User {
  email?: string;
  settings: Record<string, unknown>;
}

export interface Membership {
  role: MemberRole;
  joinedAt: string;
  lastReadSeq: number;
  lastReadId?: string;
  /** Exact to 99; 100 means more. */
  unread: number;
  mentions: number;
  notify: 'all' | 'mentions' | 'none';
  mutedUntil?: string;
}

export interface Room {
  id: string;
  kind: RoomKind;
  name?: string;
  topic?: string;
  ownerId?: string;
  memberCount: number;
  lastSeq: number;
  lastActivityAt: string;
  createdAt: string;
  archivedAt?: string;
  membership?: Membership;
  lastMessage?: Message;
}

export interface Presence {
  userId: string;
  status: PresenceStatus;
  lastSeenAt?: string;
}

export interface Member {
  user: User;
  role: MemberRole;
  joinedAt: string;
  presence: Presence;
  here: boolean;
}

export interface MessageAuthor {
  id: string;
  username: string;
  displayName: string;
  avatarUrl?: string;
  isBot: boolean;
}

export interface ReplyTo {
  id: string;
  seq: number;
  author: MessageAuthor;
  excerpt: string;
}

export interface Reaction {
  emoji: string;
  count: number;
  /** At most 50 of them. */
  userIds: string[];
}

export interface Message {
  id: string;
  roomId: string;
  seq: number;
  revSeq: number;
  author: MessageAuthor;
  clientId?: string;
  kind: 'text' | 'system';
  content: string;
  replyTo?: ReplyTo;
  reactions: Reaction[];
  mentions: string[];
  createdAt: string;
  editedAt?: string;
  deletedAt?: string;
  metadata: Record<string, unknown>;
}

export interface MessagePage {
  messages: Message[];
  lastSeq: number;
  hasBefore: boolean;
  hasAfter: boolean;
}

export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  errors?: Record<string, string>;
  requestId?: string;
}

export interface SocketError {
  code: string;
  message: string;
  retryAfterMs?: number;
}
