/**
 * Editing one's own messages, so that no text is ever written over unseen.
 *
 * An edit says which text it began from. When another one was faster the server
 * changes nothing, and what the message says by then is brought here, for its
 * author to choose between the two.
 */
import type { Message, MessagePage } from '../protocol';
import { Failure } from './failure';
import type { PageQuery } from './history';
import type { Timeline } from './timeline';
import type { Wire } from './wire';

interface EditingParts {
  readonly wire: Wire;
  timeline(roomId: string): Timeline;
  fetchPage(roomId: string, query: PageQuery): Promise<MessagePage>;
}

export class Editing {
  readonly #parts: EditingParts;

  constructor(parts: EditingParts) {
    this.#parts = parts;
  }

  /** Writes over this text of a message and no other; false when it says something else meanwhile. */
  async edit(message: Message, content: string): Promise<boolean> {
    const { roomId, id, editedAt } = message;
    const timeline = this.#parts.timeline(roomId);
    try {
      const answer = await this.#parts.wire.request('edit_message', {
        roomId,
        messageId: id,
        content,
        expectedEditedAt: editedAt ?? null,
      });
      timeline.revise(answer.message);
      return true;
    } catch (thrown) {
      if (Failure.from(thrown).code !== 'conflict') throw thrown;
    }
    // The log may have told of the other edit already, or be late.
    if (timeline.message(id)?.editedAt === editedAt) await this.#readAgain(message);
    const now = timeline.message(id);
    const isAsSeen = now !== undefined && now.content === message.content && now.editedAt !== editedAt;
    return isAsSeen && this.edit(now, content);
  }

  async #readAgain({ roomId, id }: Message): Promise<void> {
    const page = await this.#parts.fetchPage(roomId, { around: id });
    const now = page.messages.find((message) => message.id === id);
    if (now) this.#parts.timeline(roomId).revise(now);
  }
}
