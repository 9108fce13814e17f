/** A wire without a server behind it: a log in memory answers, and tells when it is told to. */
import { Failure } from '../../src/chat/failure';
import type { Wire, WireListener } from '../../src/chat/wire';
import type { ClientEvents, News } from '../../src/protocol';
import { ana, bo, member } from '../support/people';
import type { StageLog } from './log';

/** Whoever is further behind than this starts over from the newest page. */
const MOST_MISSED = 1_000;

export class StageWire implements Wire {
  connected = false;
  readonly #log: StageLog;
  #listener: WireListener | undefined;

  constructor(log: StageLog) {
    this.#log = log;
  }

  listen(listener: WireListener): void {
    this.#listener = listener;
  }

  connect(): void {
    this.connected = true;
    queueMicrotask(() => this.#listener?.opened());
  }

  close(): void {
    this.connected = false;
  }

  /** The line is lost; whoever uses it comes back by themselves. */
  break(): void {
    this.connected = false;
    this.#listener?.closed();
  }

  tell(news: News): void {
    if (this.connected) this.#listener?.news(news);
  }

  async request<Name extends keyof ClientEvents>(
    name: Name,
    payload: ClientEvents[Name][0],
  ): Promise<ClientEvents[Name][1]> {
    if (!this.connected) throw new Failure('disconnected', 'no connection');
    return this.#answer(name, payload) as ClientEvents[Name][1];
  }

  #answer(name: keyof ClientEvents, payload: unknown): unknown {
    const log = this.#log;
    switch (name) {
      case 'resume': {
        const { rooms } = payload as ClientEvents['resume'][0];
        const about = { room: log.room, members: [member(ana, true), member(bo)], epoch: 'one' };
        return {
          rooms: rooms.map(({ roomId, since = 0 }) => {
            const answer = { ...about, roomId, lastSeq: log.lastSeq };
            const changes = log.changesAfter(since ?? 0);
            const { messages, hasBefore } = log.page({});
            return changes.length <= MOST_MISSED
              ? { ...answer, reset: false, changes }
              : { ...answer, reset: true, messages, hasBefore };
          }),
        };
      }
      case 'send_message': {
        const { content, clientId } = payload as ClientEvents['send_message'][0];
        const said = log.append({ author: ana, content, ...(clientId ? { clientId } : {}) });
        queueMicrotask(() => this.tell({ name: 'message_received', payload: said }));
        return { message: said, duplicate: false };
      }
      case 'mark_read': {
        const { messageId } = payload as ClientEvents['mark_read'][0];
        log.lastReadSeq = log.messages.find((one) => one.id === messageId)?.seq ?? log.lastReadSeq;
        return { membership: log.room.membership };
      }
      default:
        return {};
    }
  }
}
