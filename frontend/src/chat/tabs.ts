/**
 * What the tabs of one browser tell each other about one account.
 *
 * Words are hints: a tab that missed one finds the same in the storage they
 * share, or in the log of the room.
 */
import type { OutboxWord } from './outbox';

export type TabWord =
  | OutboxWord
  | { readonly name: 'draft_changed'; readonly roomId: string; readonly text: string };

export interface Tabs {
  /** Tells all the others, and not the one that speaks. */
  tell(word: TabWord): void;
  hear(listener: (word: TabWord) => void): void;
}
