/**
 * Who is typing. Telling others is held back to once every few seconds; what
 * others tell expires by itself, since the last word may never arrive.
 */
import type { Notices } from './notices';

const TELL_EVERY_MS = 3_000;
const EXPIRES_MS = 5_000;

const NOBODY: readonly string[] = [];

export class Typing {
  readonly #tell: (roomId: string, typing: boolean) => void;
  readonly #notices: Notices;
  readonly #toldAt = new Map<string, number>();
  readonly #typists = new Map<string, Map<string, ReturnType<typeof setTimeout>>>();
  readonly #lists = new Map<string, readonly string[]>();

  constructor(tell: (roomId: string, typing: boolean) => void, notices: Notices) {
    this.#tell = tell;
    this.#notices = notices;
  }

  /** The user changed their draft. */
  typed(roomId: string): void {
    const now = Date.now();
    if (now - (this.#toldAt.get(roomId) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
    this.#toldAt.set(roomId, now);
    this.#tell(roomId, true);
  }

  /** The draft was sent, emptied or left. */
  stopped(roomId: string): void {
    const toldAt = this.#toldAt.get(roomId);
    this.#toldAt.delete(roomId);
    if (toldAt !== undefined && Date.now() - toldAt < EXPIRES_MS) this.#tell(roomId, false);
  }

  typists(roomId: string): readonly string[] {
    let list = this.#lists.get(roomId);
    if (!list) {
      list = [...(this.#typists.get(roomId)?.keys() ?? NOBODY)];
      this.#lists.set(roomId, list);
    }
    return list;
  }

  someoneTypes(roomId: string, userId: string): void {
    const typists = this.#typists.get(roomId) ?? new Map();
    this.#typists.set(roomId, typists);
    clearTimeout(typists.get(userId));
    typists.set(
      userId,
      setTimeout(() => this.someoneStops(roomId, userId), EXPIRES_MS),
    );
    this.#changed(roomId);
  }

  /** They stopped, or what they were typing has arrived. */
  someoneStops(roomId: string, userId: string): void {
    const typists = this.#typists.get(roomId);
    const timer = typists?.get(userId);
    if (!typists || timer === undefined) return;
    clearTimeout(timer);
    typists.delete(userId);
    this.#changed(roomId);
  }

  #changed(roomId: string): void {
    this.#lists.delete(roomId);
    this.#notices.changed(`typing:${roomId}`);
  }
}
