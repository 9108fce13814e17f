/**
 * What the user has sent and the server has not yet confirmed, oldest first.
 *
 * Each message carries a client id that survives reconnects and reloads: the
 * server answers a repeat with the first result, so sending again is safer than
 * wondering. Messages of one room go out one after the other, in order. A
 * definite refusal fails that message and lets the next one go; an unknown
 * outcome is repeated, and is never called a failure.
 */
import type { Message, ReplyTo } from '../protocol';
import { Failure } from './failure';
import { newId } from './ids';
import type { Notices } from './notices';
import type { Wire } from './wire';

const RETRY_MS = 2_000;
/** The server knows a client id for at least seven days; later a repeat could be a second copy. */
const REPEATABLE_MS = 6 * 24 * 60 * 60 * 1_000;

/** A message as it is kept until it is acknowledged. */
export interface Draft {
  readonly clientId: string;
  readonly roomId: string;
  readonly content: string;
  readonly replyTo?: ReplyTo;
  readonly createdAt: string;
  /** Why the server refused it. */
  readonly refusal?: string;
}

/**
 * - `waiting`: not sent yet · `sending`: on its way
 * - `unconfirmed`: sent, outcome unknown, will be repeated
 * - `failed`: refused, nothing was stored
 * - `stored`: acknowledged, about to appear in the log
 */
type DeliveryState = 'waiting' | 'sending' | 'unconfirmed' | 'failed' | 'stored';

export interface PendingMessage extends Draft {
  readonly state: DeliveryState;
  /** Its place in the log, once stored. */
  readonly seq?: number;
}

/** Where drafts outlive the page. Failing storage must not keep anyone from sending. */
export interface OutboxStorage {
  /** The drafts no living page is taking care of, oldest first; they are ours from now on. */
  claim(): Promise<Draft[]>;
  keep(draft: Draft): Promise<void>;
  forget(clientId: string): Promise<void>;
  clear(): Promise<void>;
}

const NOTHING: readonly PendingMessage[] = [];

export class Outbox {
  readonly #wire: Wire;
  readonly #storage: OutboxStorage;
  readonly #notices: Notices;
  readonly #acknowledged: (message: Message) => void;
  readonly #rooms = new Map<string, readonly PendingMessage[]>();
  readonly #busy = new Set<string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(parts: {
    wire: Wire;
    storage: OutboxStorage;
    notices: Notices;
    acknowledged: (message: Message) => void;
  }) {
    this.#wire = parts.wire;
    this.#storage = parts.storage;
    this.#notices = parts.notices;
    this.#acknowledged = parts.acknowledged;
  }

  pending(roomId: string): readonly PendingMessage[] {
    return this.#rooms.get(roomId) ?? NOTHING;
  }

  /** Brings back what an earlier page could not deliver. */
  async restore(): Promise<void> {
    const drafts = await this.#storage.claim().catch(() => []);
    for (const draft of drafts) {
      const age = Date.now() - Date.parse(draft.createdAt);
      const state = draft.refusal || age > REPEATABLE_MS ? 'failed' : 'unconfirmed';
      this.#change(draft.roomId, (list) =>
        list.some((one) => one.clientId === draft.clientId) ? list : [...list, { ...draft, state }],
      );
    }
    this.flush();
  }

  send(roomId: string, content: string, replyTo?: ReplyTo): PendingMessage {
    const draft: Draft = {
      clientId: newId(),
      roomId,
      content,
      createdAt: new Date().toISOString(),
      ...(replyTo ? { replyTo } : {}),
    };
    const message: PendingMessage = { ...draft, state: 'waiting' };
    this.#keep(draft);
    this.#change(roomId, (list) => [...list, message]);
    void this.#deliver(roomId);
    return message;
  }

  /** Sends again what failed, or what nobody knows about, under the same client id. */
  retry(message: PendingMessage): void {
    const { refusal: _, state: __, ...draft } = message;
    this.#keep(draft);
    this.#change(message.roomId, (list) =>
      list.map((one) => (one.clientId === message.clientId ? { ...draft, state: 'waiting' } : one)),
    );
    void this.#deliver(message.roomId);
  }

  discard(message: PendingMessage): void {
    this.#remove(message.roomId, message.clientId);
  }

  /** There is a connection: whatever still waits goes out. */
  flush(): void {
    for (const roomId of this.#rooms.keys()) void this.#deliver(roomId);
  }

  /** The message is in the log, whatever became of its acknowledgement. */
  arrived(roomId: string, clientId: string): void {
    if (this.pending(roomId).some((one) => one.clientId === clientId)) this.#remove(roomId, clientId);
  }

  /** The log is known up to here, so what was stored before it is no longer pending. */
  caughtUp(roomId: string, lastSeq: number): void {
    for (const one of this.pending(roomId)) {
      if (one.seq !== undefined && one.seq <= lastSeq) this.#remove(roomId, one.clientId);
    }
  }

  async clear(): Promise<void> {
    this.stop();
    this.#rooms.clear();
    await this.#storage.clear();
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  async #deliver(roomId: string): Promise<void> {
    if (this.#busy.has(roomId) || this.#timers.has(roomId)) return;
    this.#busy.add(roomId);
    try {
      while (this.#wire.connected) {
        const next = this.pending(roomId).find(({ state }) => state === 'waiting' || state === 'unconfirmed');
        if (!next || !(await this.#attempt(next))) return;
      }
    } finally {
      this.#busy.delete(roomId);
    }
  }

  /** True when the next message of the room may go. */
  async #attempt(message: PendingMessage): Promise<boolean> {
    const { roomId, clientId } = message;
    const set = (change: Partial<PendingMessage>) => this.#update(roomId, clientId, change);
    set({ state: 'sending' });
    try {
      const { replyTo } = message;
      const answer = await this.#wire.request('send_message', {
        roomId,
        clientId,
        content: message.content,
        ...(replyTo ? { replyTo: replyTo.id } : {}),
      });
      this.#forget(clientId);
      set({ state: 'stored', seq: answer.message.seq });
      this.#acknowledged(answer.message);
      return true;
    } catch (thrown) {
      const failure = Failure.from(thrown);
      if (failure.outcomeUnknown) {
        set({ state: 'unconfirmed' });
        this.#later(roomId, failure.retryAfterMs ?? RETRY_MS);
        return false;
      }
      if (failure.code === 'rate_limited' || failure.code === 'unauthorized') {
        set({ state: 'waiting' });
        this.#later(roomId, failure.retryAfterMs ?? RETRY_MS);
        return false;
      }
      set({ state: 'failed', refusal: failure.message });
      const { state: _, seq: __, ...draft } = message;
      this.#keep({ ...draft, refusal: failure.message });
      return true;
    }
  }

  #later(roomId: string, waitMs: number): void {
    clearTimeout(this.#timers.get(roomId));
    this.#timers.set(
      roomId,
      setTimeout(() => {
        this.#timers.delete(roomId);
        void this.#deliver(roomId);
      }, waitMs),
    );
  }

  #remove(roomId: string, clientId: string): void {
    this.#forget(clientId);
    this.#change(roomId, (list) => list.filter((one) => one.clientId !== clientId));
  }

  #update(roomId: string, clientId: string, change: Partial<PendingMessage>): void {
    this.#change(roomId, (list) =>
      list.map((one) => (one.clientId === clientId ? { ...one, ...change } : one)),
    );
  }

  #change(roomId: string, alter: (list: readonly PendingMessage[]) => readonly PendingMessage[]): void {
    const list = alter(this.pending(roomId));
    if (list.length > 0) this.#rooms.set(roomId, list);
    else this.#rooms.delete(roomId);
    this.#notices.changed(`outbox:${roomId}`);
  }

  // Without storage a message is still sent; it only does not survive a reload.
  #keep(draft: Draft): void {
    this.#storage.keep(draft).catch(() => undefined);
  }

  #forget(clientId: string): void {
    this.#storage.forget(clientId).catch(() => undefined);
  }
}
