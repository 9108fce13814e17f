/**
 * Keeps one connection alive: when to try again, and when to stop trying.
 *
 * The wait grows with each failure and is spread at random, so that a server
 * which comes back is not met by everybody at once. A revoked session ends it.
 */
import type { Failure } from './failure';
import type { Notices } from './notices';
import type { Wire } from './wire';

/** After a break the first attempt comes soon: most breaks are short. */
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;

export type ConnectionStatus =
  | { readonly phase: 'open' }
  /** `lostAt` is when the user last had a connection, or began to want one. */
  | { readonly phase: 'connecting'; readonly lostAt: number }
  | { readonly phase: 'waiting'; readonly lostAt: number; readonly retryAt: number }
  | { readonly phase: 'ended' };

export class Connection {
  #status: ConnectionStatus = { phase: 'ended' };
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasBeenOpen = false;
  #serverAsksToWaitMs: number | undefined;
  readonly #wire: Wire;
  readonly #notices: Notices;

  constructor(wire: Wire, notices: Notices) {
    this.#wire = wire;
    this.#notices = notices;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** The server has let us in at least once. */
  get hasBeenOpen(): boolean {
    return this.#hasBeenOpen;
  }

  start(): void {
    this.#become({ phase: 'connecting', lostAt: Date.now() });
    this.#wire.connect();
  }

  retryNow(): void {
    if (this.#status.phase !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#become({ phase: 'connecting', lostAt: this.#status.lostAt });
    this.#wire.connect();
  }

  opened(): void {
    this.#hasBeenOpen = true;
    this.#failures = 0;
    this.#serverAsksToWaitMs = undefined;
    clearTimeout(this.#timer);
    this.#become({ phase: 'open' });
  }

  closed(): void {
    if (this.#status.phase === 'ended') return;
    this.#wait();
  }

  /** True when the server knows this session no more: there is no use in coming back. */
  refused(failure: Failure): boolean {
    if (this.#status.phase === 'ended') return false;
    if (failure.code === 'unauthorized') {
      this.end();
      return true;
    }
    if (failure.retryAfterMs !== undefined) this.#serverAsksToWaitMs = failure.retryAfterMs;
    this.#wait();
    return false;
  }

  draining(reconnectAfterMs: number): void {
    this.#serverAsksToWaitMs = reconnectAfterMs;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#become({ phase: 'ended' });
    this.#wire.close();
  }

  #wait(): void {
    // A server that is not ready yet closes what it has just opened.
    const lostAt = 'lostAt' in this.#status ? this.#status.lostAt : Date.now();
    const growing = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    // A time the server asks for is spread by the server.
    const wait = this.#serverAsksToWaitMs ?? growing * (1 + Math.random() / 2);
    this.#serverAsksToWaitMs = undefined;
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#become({ phase: 'waiting', lostAt, retryAt: Date.now() + wait });
    this.#timer = setTimeout(() => this.retryNow(), wait);
  }

  #become(status: ConnectionStatus): void {
    this.#status = status;
    this.#notices.changed('connection');
  }
}
