/**
 * The socket as the chat sees it: requests with answers, and news.
 *
 * `services/socket.ts` stands behind it in the browser, a small fake in tests.
 * A wire never reconnects by itself and never keeps a request for later:
 * `connection.ts` and the outbox decide what is worth repeating.
 */
import type { ClientEvents, News } from '../protocol';
import type { Failure } from './failure';

export interface WireListener {
  opened(): void;
  /** The connection broke after it had opened. */
  closed(): void;
  /** An attempt to connect failed or was refused. */
  refused(failure: Failure): void;
  news(news: News): void;
}

export interface Wire {
  readonly connected: boolean;
  listen(listener: WireListener): void;
  connect(): void;
  close(): void;
  /** Rejects with a `Failure`, at once when there is no connection. */
  request<Name extends keyof ClientEvents>(
    name: Name,
    payload: ClientEvents[Name][0],
  ): Promise<ClientEvents[Name][1]>;
}
