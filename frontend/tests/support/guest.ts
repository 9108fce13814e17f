/** Somebody who talks without a browser, so that a room is soon full of life. */
import { io, type Socket } from 'socket.io-client';
import { PASSWORD } from './visitor';

interface Said {
  readonly id: string;
  readonly roomId: string;
}

export class Guest {
  readonly id: string;
  readonly #url: string;
  readonly #token: string;
  readonly #socket: Socket;

  private constructor(url: string, token: string, id: string) {
    this.id = id;
    this.#url = url;
    this.#token = token;
    this.#socket = io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
  }

  static async arrives(url: string, username: string, displayName: string): Promise<Guest> {
    const { token, user } = await ask(url, 'register', { username, password: PASSWORD, displayName });
    return new Guest(url, token, user.id);
  }

  /** Somebody with an account, on yet another device. */
  static async returns(url: string, username: string): Promise<Guest> {
    const { token, user } = await ask(url, 'login', { login: username, password: PASSWORD });
    return new Guest(url, token, user.id);
  }

  async makesRoom(room: { name: string; topic?: string; kind?: 'private' }): Promise<string> {
    return (await this.#rest('POST', '/api/rooms', { kind: 'public', ...room })).id;
  }

  async talksTo(...userIds: string[]): Promise<string> {
    return (await this.#rest('POST', '/api/rooms', { kind: 'direct', userIds })).id;
  }

  async archives(roomId: string): Promise<void> {
    await this.#rest('POST', `/api/rooms/${roomId}/archive`);
  }

  async joins(roomId: string): Promise<void> {
    await this.#tell('join_room', { roomId });
  }

  async says(roomId: string, content: string, replyTo?: Said): Promise<Said> {
    const { message } = await this.#tell('send_message', { roomId, content, replyTo: replyTo?.id });
    return message;
  }

  async changes({ roomId, id }: Said, content: string): Promise<void> {
    await this.#tell('edit_message', { roomId, messageId: id, content });
  }

  async takesBack({ roomId, id }: Said): Promise<void> {
    await this.#tell('delete_message', { roomId, messageId: id });
  }

  async reacts({ roomId, id }: Said, emoji: string): Promise<void> {
    await this.#tell('add_reaction', { roomId, messageId: id, emoji });
  }

  /** Ends every login of this account, this one last. */
  async endsAllSessions(): Promise<void> {
    const { sessions } = await this.#rest('GET', '/api/auth/sessions');
    const own = (one: { current: boolean }) => Number(one.current);
    for (const { id } of sessions.sort((a: never, b: never) => own(a) - own(b))) {
      await this.#rest('DELETE', `/api/auth/sessions/${id}`);
    }
    this.leaves();
  }

  leaves(): void {
    this.#socket.disconnect();
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the server answers is checked by what is then seen.
  async #tell(event: string, payload: object): Promise<any> {
    const answer = await this.#socket.timeout(30_000).emitWithAck(event, payload);
    if (!answer.ok) throw new Error(`${event}: ${JSON.stringify(answer.error)}`);
    return answer;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async #rest(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.status === 204 ? undefined : response.json();
  }
}

async function ask(url: string, what: 'register' | 'login', body: object) {
  const response = await fetch(`${url}/api/auth/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${what}: ${response.status}`);
  return (await response.json()) as { token: string; user: { id: string } };
}
