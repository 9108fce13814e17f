/**
 * Tells somebody who looks elsewhere of what is new, as loudly as the rules say
 * (`loudness.ts`), in one of their tabs only.
 *
 * A room has one notification, of the last message that was worth one. It goes
 * when that is read or deleted, and says what an edit has made of it.
 */
import type { Message } from '../protocol';
import type { Chat } from './chat';
import { loudnessOf } from './loudness';

const EXCERPT = 140;
/** Many at once sound like one. */
const RINGS_EVERY_MS = 3_000;

export interface Note {
  readonly roomId: string;
  readonly messageId: string;
  readonly title: string;
  readonly body: string;
}

interface Parts {
  readonly chat: Pick<Chat, 'me' | 'rooms' | 'settings' | 'notices' | 'timeline' | 'onNewMessage'>;
  /** It is this tab that tells. */
  readonly leads: () => boolean;
  /** The room that somebody looks at, in whichever tab. */
  readonly lookedAt: () => string | undefined;
  readonly titleOf: (message: Message) => string;
  readonly ring: () => void;
  /** Takes the place of the room's last one. */
  readonly show: (note: Note) => void;
  readonly withdraw: (roomId: string) => void;
}

interface Told {
  readonly message: Message;
  readonly forget: () => void;
}

export class Bell {
  readonly #parts: Parts;
  readonly #told = new Map<string, Told>();
  readonly #unsubscribe: readonly (() => void)[];
  #rangAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { chat } = parts;
    this.#unsubscribe = [
      chat.onNewMessage((message) => this.#heard(message)),
      chat.notices.subscribe('rooms', () => this.look()),
    ];
  }

  /** What has been read meanwhile, or is looked at now, needs no notification any more. */
  look(): void {
    for (const [roomId, { message }] of this.#told) {
      const read = this.#parts.chat.rooms.get(roomId)?.membership?.lastReadSeq ?? message.seq;
      if (message.seq <= read || this.#parts.lookedAt() === roomId) this.#withdraw(roomId);
    }
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const roomId of [...this.#told.keys()]) this.#withdraw(roomId);
  }

  #heard(message: Message): void {
    const { chat, leads, lookedAt, ring } = this.#parts;
    const room = chat.rooms.get(message.roomId);
    if (!room || !leads()) return;
    const now = new Date();
    const wishes = chat.settings.now();
    const loudness = loudnessOf(message, { room, me: chat.me.id, lookedAt: lookedAt(), wishes, now });
    if (loudness === 'silent') return;
    if (loudness === 'rung' && now.getTime() - this.#rangAt >= RINGS_EVERY_MS) {
      this.#rangAt = now.getTime();
      ring();
    }
    if (wishes.notifies) this.#tell(message);
  }

  #tell(message: Message): void {
    const { chat, show, titleOf } = this.#parts;
    const { roomId, id } = message;
    this.#told.get(roomId)?.forget();
    const forget = chat.notices.subscribe(`message:${id}`, () => this.#changed(roomId, id));
    this.#told.set(roomId, { message, forget });
    show({ roomId, messageId: id, title: titleOf(message), body: excerptOf(message.content) });
  }

  #changed(roomId: string, id: string): void {
    const told = this.#told.get(roomId)?.message;
    const message = this.#parts.chat.timeline(roomId).message(id);
    if (!told || !message) return;
    if (message.deletedAt) this.#withdraw(roomId);
    else if (message.content !== told.content) this.#tell(message);
  }

  #withdraw(roomId: string): void {
    this.#told.get(roomId)?.forget();
    this.#told.delete(roomId);
    this.#parts.withdraw(roomId);
  }
}

function excerptOf(content: string): string {
  const letters = [...content.replace(/\s+/g, ' ').trim()];
  return letters.length > EXCERPT ? `${letters.slice(0, EXCERPT - 1).join('')}…` : letters.join('');
}
