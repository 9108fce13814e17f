/**
 * Whether somebody is at the page: away after five minutes without a sign of
 * them, whether they only sit still or have gone to another tab.
 *
 * A sign is weak when it may come from somebody who merely passes: it counts
 * once the page has stayed in view for a while, so that going through the tabs
 * tells nobody anything.
 */
import type { PresenceStatus } from '../protocol';

type Status = Extract<PresenceStatus, 'online' | 'away'>;

const AWAY_AFTER_MS = 5 * 60_000;
const STAYS_AFTER_MS = 5_000;

export class Attention {
  readonly #tell: (status: Status) => void;
  #status: Status = 'online';
  #shown: boolean;
  /** They have come to this page, and may be about to leave it again. */
  #arriving: ReturnType<typeof setTimeout> | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(shown: boolean, tell: (status: Status) => void) {
    this.#shown = shown;
    this.#tell = tell;
    this.#isHere();
  }

  /** They wrote or pressed something here. */
  acted(): void {
    this.#isHere();
  }

  /** Something moved over the page. */
  moved(): void {
    if (this.#status === 'online' && this.#arriving === undefined) this.#isHere();
    else if (this.#shown) this.#arrives();
  }

  shown(): void {
    this.#shown = true;
    this.#arrives();
  }

  hidden(): void {
    this.#shown = false;
    // Whoever was here until now has gone now; whoever only passed went long ago.
    if (this.#status === 'online' && this.#arriving === undefined) this.#isHere();
    this.#forgetArrival();
  }

  stop(): void {
    this.#forgetArrival();
    clearTimeout(this.#leaving);
  }

  #arrives(): void {
    this.#arriving ??= setTimeout(() => this.#isHere(), STAYS_AFTER_MS);
  }

  #isHere(): void {
    this.stop();
    this.#leaving = setTimeout(() => this.#become('away'), AWAY_AFTER_MS);
    this.#become('online');
  }

  #forgetArrival(): void {
    clearTimeout(this.#arriving);
    this.#arriving = undefined;
  }

  #become(status: Status): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#tell(status);
  }
}
