/**
 * A request that did not succeed, over REST or the socket alike.
 *
 * The one question every caller has is whether the server may have done it all
 * the same. Only `unavailable`, a time-out and a lost connection leave that open.
 */

const UNKNOWN_OUTCOME = new Set(['unavailable', 'timeout', 'disconnected']);

interface FailureDetails {
  retryAfterMs?: number | null | undefined;
  /** What is wrong with which field of a form. */
  fields?: Record<string, string> | undefined;
  /** By which the server's log tells of it. */
  requestId?: string | undefined;
}

export class Failure extends Error {
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly requestId: string | undefined;

  constructor(code: string, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.retryAfterMs = details.retryAfterMs ?? undefined;
    this.fields = details.fields ?? {};
    this.requestId = details.requestId;
  }

  /** Nobody can tell whether it was done: repeat it with the same client id. */
  get outcomeUnknown(): boolean {
    return UNKNOWN_OUTCOME.has(this.code);
  }

  static from(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown;
    return new Failure('unavailable', thrown instanceof Error ? thrown.message : String(thrown));
  }
}
