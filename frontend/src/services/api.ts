/**
 * The REST interface, one function per request the client makes.
 *
 * The session is an HttpOnly cookie, so nothing here knows a token. Whatever
 * goes wrong is thrown as a `Failure`.
 */
import { Failure } from '../chat/failure';
import type { PageQuery } from '../chat/history';
import type {
  AtTheDoor,
  Me,
  Member,
  Membership,
  MessagePage,
  ProblemDetails,
  Room,
  RoomKind,
  RoomList,
  TellVitals,
  UserList,
} from '../protocol';

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** What somebody wishes to hear of a room. What is absent stays; `null` ends the muting. */
export type Notifying = Partial<Pick<Membership, 'notify' | 'mutedUntil'>>;

/** Stops a list that never ends, should a server hand out the same cursor for ever. */
const MOST_PAGES = 100;

export const api = {
  door: () => call<AtTheDoor>('GET', '/api/auth/door'),
  me: () => call<Me>('GET', '/api/auth/me'),
  logIn: (login: string, password: string) => call<unknown>('POST', '/api/auth/login', { login, password }),
  register: (account: { username: string; password: string; displayName?: string }) =>
    call<unknown>('POST', '/api/auth/register', account),
  saveSettings: (settings: Readonly<Record<string, unknown>>) =>
    call<Me>('PATCH', '/api/users/me', { settings }),
  /** Whether others are told when one was last here. */
  showLastSeen: (lastSeenVisible: boolean) => call<Me>('PATCH', '/api/users/me', { lastSeenVisible }),
  logOut: () => call<void>('POST', '/api/auth/logout'),

  async listRooms(): Promise<Room[]> {
    const rooms: Room[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const list = await call<RoomList>('GET', `/api/rooms?${query({ joined: 'true', cursor })}`);
      rooms.push(...list.rooms);
      cursor = list.nextCursor;
      if (!cursor) break;
    }
    return rooms;
  },
  browseRooms: (q: string, cursor?: string) =>
    call<RoomList>('GET', `/api/rooms?${query({ kind: 'public', q: q || undefined, cursor })}`),
  room: (roomId: string) => call<Room>('GET', `/api/rooms/${roomId}`),
  createRoom: (room: { name: string; kind: Exclude<RoomKind, 'direct'>; topic?: string }) =>
    call<Room>('POST', '/api/rooms', room),
  directRoom: (userIds: string[]) => call<Room>('POST', '/api/rooms', { kind: 'direct', userIds }),
  leaveRoom: (roomId: string, userId: string) =>
    call<void>('DELETE', `/api/rooms/${roomId}/members/${userId}`),
  setNotify: (roomId: string, notifying: Notifying) =>
    call<Membership>('PATCH', `/api/rooms/${roomId}/membership`, notifying),
  addMembers: (roomId: string, userIds: string[]) =>
    call<{ members: Member[] }>('POST', `/api/rooms/${roomId}/members`, { userIds }),

  messages: (roomId: string, page: PageQuery) =>
    call<MessagePage>('GET', `/api/rooms/${roomId}/messages?${query(page)}`),
  /** Goes on when the page does not. */
  deleteMessage: (roomId: string, messageId: string) =>
    call<void>('DELETE', `/api/rooms/${roomId}/messages/${messageId}`, undefined, { keepalive: true }),

  /** Goes on when the page does not. */
  tellVitals: (vitals: TellVitals) => call<void>('POST', '/api/vitals', vitals, { keepalive: true }),

  findUsers: (q: string) => call<UserList>('GET', `/api/users?${query({ q: q || undefined })}`),
};

export function query(values: Record<string, string | null | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) parameters.set(name, value);
  }
  return parameters.toString();
}

export async function call<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  options: { keepalive?: boolean } = {},
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      ...options,
      headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new Failure('disconnected', 'The server cannot be reached.');
  }
  if (!response.ok) throw await failureOf(response);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function failureOf(response: Response): Promise<Failure> {
  const problem = (await response.json().catch(() => ({}))) as Partial<ProblemDetails>;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const code = problem.code ?? (response.status >= 500 ? 'unavailable' : 'bad_request');
  return new Failure(code, problem.detail ?? problem.title ?? `The server answered ${response.status}.`, {
    fields: problem.errors,
    requestId: response.headers.get('x-request-id'),
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1_000 : undefined,
  });
}
