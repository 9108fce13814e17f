/**
 * The deletions that are not yet done, in a place that is written at once and
 * that all tabs share. Remembering may be forbidden; then they go with the page.
 */
import type { Deletion, DeletionStorage } from '../chat/deletions';

const PREFIX = 'roost:deleting:';

export class BrowserDeletions implements DeletionStorage {
  readonly #prefix: string;

  constructor(userId: string) {
    this.#prefix = `${PREFIX}${userId}:`;
  }

  list(): readonly Deletion[] {
    return this.#keys().flatMap((key) => deletionIn(localStorage.getItem(key)) ?? []);
  }

  keep(deletion: Deletion): void {
    try {
      localStorage.setItem(this.#prefix + deletion.messageId, JSON.stringify(deletion));
    } catch {
      // It goes with the page, as said above.
    }
  }

  forget(messageId: string): void {
    try {
      localStorage.removeItem(this.#prefix + messageId);
    } catch {
      // There is nothing where nothing may be kept.
    }
  }

  /** Of an account that leaves this browser. */
  wipe(): void {
    for (const key of this.#keys()) localStorage.removeItem(key);
  }

  #keys(): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix));
    } catch {
      return [];
    }
  }
}

function deletionIn(text: string | null): Deletion | undefined {
  try {
    const { roomId, messageId, at } = JSON.parse(text ?? '{}') as Partial<Deletion>;
    return roomId && messageId && typeof at === 'number' ? { roomId, messageId, at } : undefined;
  } catch {
    return undefined;
  }
}
