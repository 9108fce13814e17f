/** A wire that a test holds by both ends. */
import { Failure } from '../../src/chat/failure';
import type { Wire, WireListener } from '../../src/chat/wire';
import type { ClientEvents, News } from '../../src/protocol';

type Name = keyof ClientEvents;

interface Asked<Of extends Name> {
  name: Of;
  payload: ClientEvents[Of][0];
  answer: (answer: ClientEvents[Of][1]) => Promise<void>;
  fail: (code: string, retryAfterMs?: number) => Promise<void>;
}

export class FakeWire implements Wire {
  connected = false;
  attempts = 0;
  readonly asked: Asked<Name>[] = [];
  #listener: WireListener | undefined;
  #open = new Set<(failure: Failure) => void>();

  listen(listener: WireListener): void {
    this.#listener = listener;
  }

  connect(): void {
    this.attempts += 1;
  }

  close(): void {
    this.connected = false;
  }

  request<Of extends Name>(name: Of, payload: ClientEvents[Of][0]): Promise<ClientEvents[Of][1]> {
    if (!this.connected) return Promise.reject(new Failure('disconnected', 'no connection'));
    return new Promise((resolve, reject) => {
      this.#open.add(reject);
      const settle = async (act: () => void) => {
        this.#open.delete(reject);
        act();
        await settled();
      };
      const asked: Asked<Of> = {
        name,
        payload,
        answer: (answer) => settle(() => resolve(answer)),
        fail: (code, retryAfterMs) => settle(() => reject(new Failure(code, code, { retryAfterMs }))),
      };
      this.asked.push(asked as unknown as Asked<Name>);
    });
  }

  /** The requests of one kind, oldest first. */
  requests<Of extends Name>(name: Of): Asked<Of>[] {
    return this.asked.filter((asked) => asked.name === name) as unknown as Asked<Of>[];
  }

  last<Of extends Name>(name: Of): Asked<Of> {
    const found = this.requests(name).at(-1);
    if (!found) throw new Error(`nobody asked for ${name}`);
    return found;
  }

  async open(): Promise<void> {
    this.connected = true;
    this.#listener?.opened();
    await settled();
  }

  async break(): Promise<void> {
    this.connected = false;
    const open = this.#open;
    this.#open = new Set();
    for (const reject of open) reject(new Failure('disconnected', 'connection lost'));
    this.#listener?.closed();
    await settled();
  }

  async refuse(code: string): Promise<void> {
    this.#listener?.refused(new Failure(code, code));
    await settled();
  }

  async tell(news: News): Promise<void> {
    this.#listener?.news(news);
    await settled();
  }
}

/** Lets everything run that waits for an answer just given. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
