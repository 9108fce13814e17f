/**
 * What the user has sent and the server has not yet confirmed, oldest first.
 *
 * Each message carries a client id that survives reconnects and reloads: the
 * server answers a repeat with the first result, so sending again is safer than
 * wondering. Messages of one room go out one after the other, in order. A
 * definite refusal fails that message and lets the next one go; an unknown
 * outcome is repeated, and is never called a failure.
 *
 * All tabs of a browser share one outbox. One of them at a time sends what a
 * room's outbox holds, whichever tab it was written in; another goes on where
 * that one closes or loses its connection. Should two ever send the same, the
 * client id makes one message of it.
 */
import type { Message, ReplyTo } from '../protocol';
import { Failure } from './failure';
import { newId } from './ids';
import type { Notices } from './notices';
import type { Tabs } from './tabs';
import type { Wire } from './wire';

const RETRY_MS = 2_000;
/** More than anybody writes while a server is away; a page must not wait with more. */
const MOST_WAITING = 500;
/** The server knows a client id for at least seven days; later a repeat could be a second copy. */
const REPEATABLE_MS = 6 * 24 * 60 * 60 * 1_000;

/** A message as it is kept until it is acknowledged. */
export interface KeptMessage {
  readonly clientId: string;
  readonly roomId: string;
  readonly content: string;
  readonly replyTo?: ReplyTo;
  readonly createdAt: string;
  /** It has left at least once, so that it may have arrived. */
  readonly attempted?: true;
  /** Why the server refused it. */
  readonly refusal?: string;
}

/**
 * - `waiting`: not sent yet · `sending`: on its way
 * - `unconfirmed`: sent, outcome unknown, will be repeated
 * - `lapsed`: sent, outcome unknown, and too old to be repeated unasked
 * - `failed`: refused, nothing was stored
 * - `stored`: acknowledged, about to appear in the log
 */
type DeliveryState = 'waiting' | 'sending' | 'unconfirmed' | 'lapsed' | 'failed' | 'stored';

export interface PendingMessage extends KeptMessage {
  readonly state: DeliveryState;
  /** Its place in the log, once stored. */
  readonly seq?: number;
}

/** Where messages outlive the page. Failing storage must not keep anyone from sending. */
export interface OutboxStorage {
  /** Everything that is kept, whichever tab wrote it, oldest first. */
  list(): Promise<KeptMessage[]>;
  keep(message: KeptMessage): Promise<void>;
  forget(clientId: string): Promise<void>;
  /** Runs `task` while no other tab runs one for the same room. */
  alone(roomId: string, task: () => Promise<void>): Promise<void>;
}

export type OutboxWord =
  /** It is new, or more is known of it: that it may have left, that it was refused or is to be tried again. */
  | { readonly name: 'message_kept'; readonly message: KeptMessage }
  | {
      readonly name: 'message_stored';
      readonly roomId: string;
      readonly clientId: string;
      readonly seq: number;
    }
  | { readonly name: 'message_discarded'; readonly roomId: string; readonly clientId: string };

interface OutboxParts {
  wire: Wire;
  storage: OutboxStorage;
  tabs: Tabs;
  notices: Notices;
  /** A message began to wait here, written in this tab or in another. */
  added: (message: KeptMessage) => void;
  acknowledged: (message: Message) => void;
}

const NOTHING: readonly PendingMessage[] = [];

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #rooms = new Map<string, readonly PendingMessage[]>();
  readonly #busy = new Set<string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What could not be stored is sent all the same. */
  readonly #unkept = new Set<string>();
  #lastCreatedAt = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  pending(roomId: string): readonly PendingMessage[] {
    return this.#rooms.get(roomId) ?? NOTHING;
  }

  /** No more can be sent in this room until some have gone. */
  isFull(roomId: string): boolean {
    return this.pending(roomId).length >= MOST_WAITING;
  }

  /** Messages that would be lost with the outbox. */
  get unsent(): number {
    let count = 0;
    for (const list of this.#rooms.values()) count += list.filter((one) => one.state !== 'stored').length;
    return count;
  }

  /** Brings back what earlier pages could not deliver. */
  async restore(): Promise<void> {
    for (const message of await this.#parts.storage.list().catch(() => [])) this.#learn(message);
    this.flush();
  }

  send(roomId: string, content: string, replyTo?: ReplyTo): KeptMessage {
    const message: KeptMessage = {
      clientId: newId(),
      roomId,
      content,
      createdAt: this.#moment(),
      ...(replyTo ? { replyTo } : {}),
    };
    this.#learn(message);
    const kept = this.#keep(message);
    void this.#deliver(roomId);
    // Told after this tab has asked for its turn: whoever writes is the first to send.
    void kept.then(() => this.#parts.tabs.tell({ name: 'message_kept', message }));
    return message;
  }

  /** Sends again what failed, or what nobody knows about, under the same client id: it is the latest now. */
  retry({ state: _, seq: __, refusal: ___, ...pending }: PendingMessage): void {
    const { roomId, clientId } = pending;
    const message: KeptMessage = { ...pending, createdAt: this.#moment() };
    const kept = this.#keep(message);
    this.#drop(roomId, clientId);
    this.#learn(message);
    this.#stopWaiting(roomId);
    void this.#deliver(roomId);
    void kept.then(() => this.#parts.tabs.tell({ name: 'message_kept', message }));
  }

  discard({ roomId, clientId }: PendingMessage): void {
    this.#remove(roomId, clientId);
    this.#parts.tabs.tell({ name: 'message_discarded', roomId, clientId });
  }

  /** There is a connection: whatever still waits goes out. */
  flush(): void {
    for (const roomId of this.#rooms.keys()) {
      this.#stopWaiting(roomId);
      void this.#deliver(roomId);
    }
  }

  /** Another tab of this browser speaks. */
  hear(word: OutboxWord): void {
    if (word.name === 'message_kept') {
      this.#learn(word.message);
      // That tab may close before it has sent it.
      void this.#deliver(word.message.roomId);
    } else if (word.name === 'message_stored') {
      this.#update(word.roomId, word.clientId, (one) => ({ ...one, state: 'stored', seq: word.seq }));
    } else {
      this.#drop(word.roomId, word.clientId);
    }
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

  stop(): void {
    for (const roomId of this.#timers.keys()) this.#stopWaiting(roomId);
  }

  /** Two messages of one moment still have an order. */
  #moment(): string {
    this.#lastCreatedAt = Math.max(Date.now(), this.#lastCreatedAt + 1);
    return new Date(this.#lastCreatedAt).toISOString();
  }

  async #deliver(roomId: string): Promise<void> {
    if (this.#busy.has(roomId) || this.#timers.has(roomId) || !this.#mayGo(roomId)) return;
    this.#busy.add(roomId);
    try {
      await this.#parts.storage.alone(roomId, async () => {
        while (this.#mayGo(roomId)) {
          const next = await this.#oldest(roomId);
          if (!next || !(await this.#attempt(next))) return;
        }
      });
    } finally {
      this.#busy.delete(roomId);
    }
  }

  #mayGo(roomId: string): boolean {
    return this.#parts.wire.connected && this.pending(roomId).some(isDue);
  }

  /** The message whose turn it is, after a look at what other tabs have done meanwhile. */
  async #oldest(roomId: string): Promise<PendingMessage | undefined> {
    const kept = await this.#parts.storage.list().catch(() => undefined);
    if (kept) {
      for (const message of kept) this.#learn(message);
      const known = new Set([...kept.map((one) => one.clientId), ...this.#unkept]);
      // What is kept no more has been taken care of, though no word of it came.
      const gone = this.pending(roomId).filter((one) => isDue(one) && !known.has(one.clientId));
      for (const { clientId } of gone) this.#drop(roomId, clientId);
    }
    return this.pending(roomId).find(isDue);
  }

  /** True when the next message of the room may go. */
  async #attempt(pending: PendingMessage): Promise<boolean> {
    const { state: _, seq: __, ...message } = pending;
    const { roomId, clientId, replyTo } = message;
    const set = (change: Partial<PendingMessage>) =>
      this.#update(roomId, clientId, (one) => ({ ...one, ...change }));
    const attempted: KeptMessage = { ...message, attempted: true };
    set({ state: 'sending' });
    void this.#keep(attempted);
    try {
      const answer = await this.#parts.wire.request('send_message', {
        roomId,
        clientId,
        content: message.content,
        ...(replyTo ? { replyTo: replyTo.id } : {}),
      });
      const { seq } = answer.message;
      set({ state: 'stored', seq });
      this.#parts.acknowledged(answer.message);
      this.#parts.tabs.tell({ name: 'message_stored', roomId, clientId, seq });
      // The tab that sends next looks there for what is left.
      await this.#forget(clientId);
      return true;
    } catch (thrown) {
      const failure = Failure.from(thrown);
      // It turned up in the log before its answer did, or was thrown away.
      if (!this.pending(roomId).some((one) => one.clientId === clientId)) return true;
      if (failure.outcomeUnknown) {
        set({ state: 'unconfirmed', attempted: true });
        this.#parts.tabs.tell({ name: 'message_kept', message: attempted });
        this.#later(roomId, failure.retryAfterMs ?? RETRY_MS);
        return false;
      }
      if (failure.code === 'rate_limited' || failure.code === 'unauthorized') {
        set({ state: pending.state });
        void this.#keep(message);
        this.#later(roomId, failure.retryAfterMs ?? RETRY_MS);
        return false;
      }
      const refused: KeptMessage = { ...message, refusal: failure.message };
      set({ state: 'failed', refusal: failure.message });
      await this.#keep(refused);
      this.#parts.tabs.tell({ name: 'message_kept', message: refused });
      return true;
    }
  }

  #stopWaiting(roomId: string): void {
    clearTimeout(this.#timers.get(roomId));
    this.#timers.delete(roomId);
  }

  #later(roomId: string, waitMs: number): void {
    this.#stopWaiting(roomId);
    this.#timers.set(
      roomId,
      setTimeout(() => {
        this.#timers.delete(roomId);
        void this.#deliver(roomId);
      }, waitMs),
    );
  }

  /** Takes what the storage or another tab says of a message, unless this tab is just sending it. */
  #learn(message: KeptMessage): void {
    const { roomId, clientId } = message;
    const known = this.pending(roomId).find((one) => one.clientId === clientId);
    if (known?.state === 'sending' || known?.state === 'stored') return;
    if (known && this.#unkept.has(clientId)) return;
    const learnt: PendingMessage = { ...message, state: stateOf(message) };
    if (known) {
      if (known.state !== learnt.state) this.#update(roomId, clientId, () => learnt);
      return;
    }
    this.#change(roomId, (list) =>
      [...list, learnt].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt)),
    );
    this.#parts.added(message);
  }

  #remove(roomId: string, clientId: string): void {
    void this.#forget(clientId);
    this.#drop(roomId, clientId);
  }

  #drop(roomId: string, clientId: string): void {
    this.#change(roomId, (list) => list.filter((one) => one.clientId !== clientId));
  }

  #update(roomId: string, clientId: string, alter: (one: PendingMessage) => PendingMessage): void {
    this.#change(roomId, (list) => list.map((one) => (one.clientId === clientId ? alter(one) : one)));
  }

  #change(roomId: string, alter: (list: readonly PendingMessage[]) => readonly PendingMessage[]): void {
    const list = alter(this.pending(roomId));
    if (list.length > 0) this.#rooms.set(roomId, list);
    else this.#rooms.delete(roomId);
    this.#parts.notices.changed(`outbox:${roomId}`);
  }

  // Without storage a message is still sent; it only does not survive a reload.
  async #keep(message: KeptMessage): Promise<void> {
    try {
      await this.#parts.storage.keep(message);
      this.#unkept.delete(message.clientId);
    } catch {
      this.#unkept.add(message.clientId);
    }
  }

  async #forget(clientId: string): Promise<void> {
    this.#unkept.delete(clientId);
    await this.#parts.storage.forget(clientId).catch(() => undefined);
  }
}

const isDue = ({ state }: PendingMessage): boolean => state === 'waiting' || state === 'unconfirmed';

function stateOf({ refusal, attempted, createdAt }: KeptMessage): DeliveryState {
  if (refusal !== undefined) return 'failed';
  // What was written long ago is not said all of a sudden without asking.
  const old = Date.now() - Date.parse(createdAt) > REPEATABLE_MS;
  if (attempted) return old ? 'lapsed' : 'unconfirmed';
  return old ? 'failed' : 'waiting';
}
