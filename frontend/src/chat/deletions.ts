/**
 * Own messages that their author has deleted, while that can still be undone.
 *
 * They look deleted here at once; the server hears of it when the time to undo
 * is over, or sooner when the reader goes away. What it has not yet confirmed is
 * kept in the browser, so that a deletion is done in the end, by this page or a
 * later one. One that was undone is never sent.
 */
import type { Message } from '../protocol';
import { Failure } from './failure';
import type { Notices } from './notices';

export const UNDO_MS = 8_000;
/** Another tab may be a little late with its own. */
const GRACE_MS = 4_000;
/** The server has said no, and would say it again. */
const REFUSED = new Set(['forbidden', 'not_found', 'gone', 'bad_request', 'invalid']);

export interface Deletion {
  readonly roomId: string;
  readonly messageId: string;
  /** When it was begun. */
  readonly at: number;
}

/** Shared by all tabs of a browser, and at once: a page that goes away has no time to wait. */
export interface DeletionStorage {
  list(): readonly Deletion[];
  keep(deletion: Deletion): void;
  forget(messageId: string): void;
}

interface Parts {
  storage: DeletionStorage;
  notices: Notices;
  request: (roomId: string, messageId: string) => Promise<unknown>;
}

/** What whoever began one hears of it. */
interface Ends {
  /** It cannot be undone any more, or was. */
  over: () => void;
  /** The server does not do it. */
  refused: (failure: Failure) => void;
}

interface Waiting {
  readonly deletion: Deletion;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly ends: Ends;
}

export class Deletions {
  readonly #parts: Parts;
  readonly #waiting = new Map<string, Waiting>();
  /** Sent, and confirmed or about to be. */
  readonly #sent = new Set<string>();
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether the message is to be shown as deleted although the log does not say so. */
  has(messageId: string): boolean {
    return this.#waiting.has(messageId) || this.#sent.has(messageId);
  }

  begin({ roomId, id }: Pick<Message, 'roomId' | 'id'>, ends: Ends): void {
    if (this.has(id)) return;
    const deletion = { roomId, messageId: id, at: Date.now() };
    const timer = setTimeout(() => void this.send(id), UNDO_MS);
    this.#waiting.set(id, { deletion, timer, ends });
    this.#parts.storage.keep(deletion);
    this.#parts.notices.changed(`message:${id}`);
  }

  undo(messageId: string): void {
    const waiting = this.#take(messageId);
    if (!waiting) return;
    this.#parts.storage.forget(messageId);
    this.#parts.notices.changed(`message:${messageId}`);
    waiting.ends.over();
  }

  /** The time to undo this one is over. */
  async send(messageId: string): Promise<void> {
    const waiting = this.#take(messageId);
    if (!waiting) return;
    const asked = this.#request(waiting.deletion);
    waiting.ends.over();
    const failure = await asked;
    if (failure) waiting.ends.refused(failure);
  }

  /** The reader goes away, from the room or altogether. */
  async flush(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((id) => this.send(id)));
  }

  /** Nothing is kept after this, of any tab. */
  async finish(): Promise<void> {
    await this.flush();
    await Promise.all(this.#parts.storage.list().map((deletion) => this.#request(deletion)));
  }

  /** Goes on with what an earlier page began, or could not send; the other tabs may still undo theirs. */
  resume(): void {
    clearTimeout(this.#later);
    const now = Date.now();
    const unsent = this.#parts.storage.list().filter(({ messageId }) => !this.#waiting.has(messageId));
    const mayBeUndone = ({ at }: Deletion) => now - at < UNDO_MS + GRACE_MS;
    for (const deletion of unsent) if (!mayBeUndone(deletion)) void this.#request(deletion);
    if (unsent.some(mayBeUndone)) this.#resumeLater();
  }

  stop(): void {
    void this.flush().then(() => clearTimeout(this.#later));
  }

  #resumeLater(): void {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.resume(), UNDO_MS + GRACE_MS);
  }

  #take(messageId: string): Waiting | undefined {
    const waiting = this.#waiting.get(messageId);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(messageId);
    return waiting;
  }

  /** Answers with a refusal. Without an answer the deletion stays kept, and is asked for again. */
  async #request({ roomId, messageId }: Deletion): Promise<Failure | undefined> {
    const { request, storage, notices } = this.#parts;
    this.#sent.add(messageId);
    notices.changed(`message:${messageId}`);
    try {
      await request(roomId, messageId);
    } catch (thrown) {
      const failure = Failure.from(thrown);
      if (!REFUSED.has(failure.code)) {
        this.#resumeLater();
        return undefined;
      }
      storage.forget(messageId);
      this.#sent.delete(messageId);
      notices.changed(`message:${messageId}`);
      return failure;
    }
    storage.forget(messageId);
    return undefined;
  }
}
