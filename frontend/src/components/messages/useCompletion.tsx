/** Sees to the word that the caret stands in; the list of what it may become is fetched when the page rests. */
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { inPlaceOf, type Word, wordAt } from '../../chat/completion';
import { Later, usePart } from '../../hooks/later';
import type { Room } from '../../protocol';
import { writeOver } from './writeOver';

/** Whether a key was meant for the list. */
type Takes = (event: KeyboardEvent) => boolean;

export interface SuggestionsProps {
  listId: string;
  word: Word;
  room: Room;
  /** The list has the keys of the field for as long as it has something to offer. */
  keys: RefObject<Takes | undefined>;
  /** Which of the options would be chosen now, by its id. */
  onActive: (optionId: string | undefined) => void;
  /** What takes the place of the word, or what is done instead. */
  onChoose: (becomes: string | (() => void)) => void;
  onClose: () => void;
}

const suggestions = new Later<SuggestionsProps>(() => import('./Suggestions'));

interface Completion {
  readonly list: ReactNode;
  /** For the field: which list it has, and which of its options is meant. */
  readonly described: { 'aria-controls'?: string; 'aria-activedescendant'?: string };
  /** The caret may have moved; it is nowhere when the field is left. */
  readonly look: (field: HTMLTextAreaElement | undefined) => void;
  readonly takes: Takes;
}

export function useCompletion(
  field: RefObject<HTMLTextAreaElement | null>,
  content: string,
  room: Room,
): Completion {
  const listId = useId();
  const [caret, setCaret] = useState<number>();
  const [closedAt, setClosedAt] = useState<number>();
  const [active, setActive] = useState<string>();
  const keys = useRef<Takes>(undefined);
  const word = caret === undefined ? undefined : wordAt(content, caret);
  const begins = word?.from;
  const wanted = begins === closedAt ? undefined : word;
  const Suggestions = usePart(suggestions, wanted !== undefined);

  // Another word may open what was closed for the last.
  useEffect(() => {
    if (begins !== closedAt) setClosedAt(undefined);
  }, [begins, closedAt]);

  function choose(becomes: string | (() => void)) {
    if (!field.current || !wanted) return;
    const text = typeof becomes === 'string' ? inPlaceOf(wanted, content, becomes) : '';
    writeOver(field.current, wanted.from, wanted.to, text);
    if (typeof becomes === 'function') becomes();
  }

  return {
    list: wanted && Suggestions && (
      <Suggestions
        listId={listId}
        word={wanted}
        room={room}
        keys={keys}
        onActive={setActive}
        onChoose={choose}
        onClose={() => setClosedAt(begins)}
      />
    ),
    described: active ? { 'aria-controls': listId, 'aria-activedescendant': active } : {},
    look: (looked) =>
      setCaret(looked && looked.selectionStart === looked.selectionEnd ? looked.selectionStart : undefined),
    takes: (event) => keys.current?.(event) ?? false,
  };
}
