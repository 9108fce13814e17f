/**
 * The user's own reactions while the server does not yet say what they wish.
 *
 * A click shows at once: a wish is laid over what the server has said and lasts
 * until the two agree, or until the server refuses it.
 */
import type { Message } from '../protocol';
import type { Notices } from './notices';
import { hasReacted, type Wishes } from './reactions';
import type { Wire } from './wire';

interface ReactingParts {
  readonly me: string;
  readonly wire: Wire;
  readonly notices: Notices;
  message(roomId: string, id: string): Message | undefined;
}

export class Reacting {
  readonly #parts: ReactingParts;
  readonly #wishes = new Map<string, Wishes>();

  constructor(parts: ReactingParts) {
    this.#parts = parts;
  }

  /** What the user wishes of a message and the server does not yet say. */
  wishes(messageId: string): Wishes | undefined {
    return this.#wishes.get(messageId);
  }

  async react({ roomId, id }: Message, emoji: string, wanted: boolean): Promise<void> {
    this.#wish(id, (wishes) => wishes.set(emoji, wanted));
    try {
      const name = wanted ? 'add_reaction' : 'remove_reaction';
      await this.#parts.wire.request(name, { roomId, messageId: id, emoji });
      this.heard(roomId, id);
    } catch (thrown) {
      this.#wish(id, (wishes) => wishes.delete(emoji));
      throw thrown;
    }
  }

  /** The server has said something about a message: wishes it grants are over. */
  heard(roomId: string, messageId: string): void {
    const message = this.#parts.message(roomId, messageId);
    this.#wish(messageId, (wishes) => {
      for (const [emoji, wanted] of wishes) {
        const has = message && hasReacted(message.reactions, emoji, this.#parts.me);
        if (has === undefined || has === wanted) wishes.delete(emoji);
      }
    });
  }

  #wish(messageId: string, alter: (wishes: Map<string, boolean>) => void): void {
    const wishes = new Map(this.#wishes.get(messageId));
    alter(wishes);
    if (wishes.size > 0) this.#wishes.set(messageId, wishes);
    else this.#wishes.delete(messageId);
    this.#parts.notices.changed(`message:${messageId}`);
  }
}
