/**
 * The chat's wire over the official Socket.IO client.
 *
 * Reconnecting and repeating are switched off here on purpose: the chat decides
 * both, since only it knows what a repeat may cost.
 */
import { io, type Socket } from 'socket.io-client';
import { Failure } from '../chat/failure';
import type { Felt } from '../chat/felt';
import type { Wire, WireListener } from '../chat/wire';
import type { Acknowledgement, ClientEvents, News, SocketError } from '../protocol';

const ANSWER_WITHIN_MS = 10_000;

export class SocketWire implements Wire {
  readonly #socket: Socket;
  readonly #felt: Felt;
  #hasOpened = false;

  constructor(felt: Felt) {
    this.#felt = felt;
    this.#socket = io({
      path: '/socket.io/',
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      autoConnect: false,
      reconnection: false,
    });
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  listen(listener: WireListener): void {
    this.#socket.on('connect', () => {
      if (this.#hasOpened) this.#felt.reconnected();
      this.#hasOpened = true;
      listener.opened();
    });
    this.#socket.on('disconnect', () => listener.closed());
    this.#socket.on('connect_error', (error: Error & { data?: SocketError }) => {
      const { code = 'unavailable', message = error.message, retryAfterMs } = error.data ?? {};
      listener.refused(new Failure(code, message, { retryAfterMs }));
    });
    this.#socket.onAny((name: string, payload: unknown) => listener.news({ name, payload } as News));
  }

  connect(): void {
    this.#socket.connect();
  }

  close(): void {
    this.#socket.disconnect();
  }

  async request<Name extends keyof ClientEvents>(
    name: Name,
    payload: ClientEvents[Name][0],
  ): Promise<ClientEvents[Name][1]> {
    return name === 'send_message' ? this.#feel(this.#request(name, payload)) : this.#request(name, payload);
  }

  /** How long the message took, or that it did not arrive. */
  async #feel<Answer>(asked: Promise<Answer>): Promise<Answer> {
    const began = performance.now();
    try {
      const answer = await asked;
      this.#felt.acknowledged(performance.now() - began);
      return answer;
    } catch (thrown) {
      this.#felt.failedToSend();
      throw thrown;
    }
  }

  async #request<Name extends keyof ClientEvents>(
    name: Name,
    payload: ClientEvents[Name][0],
  ): Promise<ClientEvents[Name][1]> {
    // Socket.IO would keep the request and send it later; the outbox does that.
    if (!this.#socket.connected) throw new Failure('disconnected', 'There is no connection.');
    let answer: Acknowledgement<Name>;
    try {
      answer = await this.#socket.timeout(ANSWER_WITHIN_MS).emitWithAck(name, payload);
    } catch {
      const code = this.#socket.connected ? 'timeout' : 'disconnected';
      throw new Failure(code, 'The server did not answer.');
    }
    if (answer.ok) return answer;
    const { code, message, retryAfterMs } = answer.error;
    throw new Failure(code, message, { retryAfterMs });
  }
}
