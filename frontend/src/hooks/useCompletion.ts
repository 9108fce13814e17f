/**
 * The list over the field: opens at the word that the caret stands in, has the
 * keys while it is open, and writes what was chosen over the word.
 */
import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from 'react';
import { inPlaceOf, type Sign, wordAt } from '../chat/completion';
import { writeOver } from '../components/messages/writeOver';
import type { Room } from '../protocol';
import { useEscape } from './useShell';
import { type Suggestion, useSuggestions } from './useSuggestions';

interface Choosing {
  readonly listId: string;
  readonly sign: Sign;
  readonly suggestions: readonly Suggestion[];
  /** The place of the one that Enter would choose. */
  readonly at: number;
  readonly point: (at: number) => void;
  readonly choose: (suggestion: Suggestion) => void;
}

interface Completion {
  /** Absent while there is nothing to choose from. */
  readonly choosing: Choosing | undefined;
  /** The caret may have moved; it is nowhere when the field is left. */
  readonly look: (field: HTMLTextAreaElement | undefined) => void;
  /** Whether the key was meant for the list. */
  readonly takes: (event: KeyboardEvent) => boolean;
}

export function useCompletion(
  field: RefObject<HTMLTextAreaElement | null>,
  content: string,
  room: Room,
): Completion {
  const listId = useId();
  const [caret, setCaret] = useState<number>();
  const [place, setPlace] = useState(0);
  const [closedAt, setClosedAt] = useState<number>();
  const word = caret === undefined ? undefined : wordAt(content, caret);
  const begins = word?.from;
  const wanted = word && begins !== closedAt ? word : undefined;
  const suggestions = useSuggestions(wanted, room);
  const at = Math.min(place, suggestions.length - 1);
  const isOpen = wanted !== undefined && suggestions.length > 0;
  useEscape('listbox', isOpen, () => setClosedAt(begins));

  // Other letters, another first; and another word may open what was closed for the last.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other letters are the reason.
  useEffect(() => setPlace(0), [begins, word?.letters]);
  useEffect(() => {
    if (begins !== closedAt) setClosedAt(undefined);
  }, [begins, closedAt]);

  function choose({ becomes }: Suggestion) {
    if (!field.current || !wanted) return;
    const text = typeof becomes === 'string' ? inPlaceOf(wanted, content, becomes) : '';
    writeOver(field.current, wanted.from, wanted.to, text);
    if (typeof becomes === 'function') becomes();
  }

  function takes(event: KeyboardEvent): boolean {
    const chosen = suggestions[at];
    if (!isOpen || !chosen || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    if (event.key === 'ArrowDown') setPlace((at + 1) % suggestions.length);
    else if (event.key === 'ArrowUp') setPlace((at + suggestions.length - 1) % suggestions.length);
    else if (event.key === 'Enter' || event.key === 'Tab') choose(chosen);
    else return false;
    event.preventDefault();
    return true;
  }

  return {
    choosing: isOpen ? { listId, sign: wanted.sign, suggestions, at, point: setPlace, choose } : undefined,
    look: (looked) =>
      setCaret(looked && looked.selectionStart === looked.selectionEnd ? looked.selectionStart : undefined),
    takes,
  };
}
