/** What the word at the caret may become. The field keeps the focus and has the keys. */
import { AtSign, Zap } from 'lucide-react';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { useEscape } from '../../hooks/useShell';
import { type Suggestion, useSuggestions } from '../../hooks/useSuggestions';
import { PresenceDot } from '../presence/PresenceDot';
import { ROOM_SIGNS } from '../ui/roomSigns';
import styles from './Suggestions.module.css';
import type { SuggestionsProps } from './useCompletion';

const optionId = (listId: string, at: number) => `${listId}-${at}`;

export default function Suggestions({
  listId,
  word,
  room,
  keys,
  onActive,
  onChoose,
  onClose,
}: SuggestionsProps) {
  const suggestions = useSuggestions(word, room);
  const [place, setPlace] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const at = Math.min(place, suggestions.length - 1);
  const isOpen = suggestions.length > 0;
  useEscape('listbox', isOpen, onClose);

  // Other letters, another first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other letters are the reason.
  useEffect(() => setPlace(0), [word.from, word.letters]);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  useLayoutEffect(() => {
    keys.current = takes;
    onActive(isOpen ? optionId(listId, at) : undefined);
  });

  useLayoutEffect(() => {
    return () => {
      keys.current = undefined;
      onActive(undefined);
    };
  }, [keys, onActive]);

  function takes(event: KeyboardEvent): boolean {
    const chosen = suggestions[at];
    if (!chosen || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    if (event.key === 'ArrowDown') setPlace((at + 1) % suggestions.length);
    else if (event.key === 'ArrowUp') setPlace((at + suggestions.length - 1) % suggestions.length);
    else if (event.key === 'Enter' || event.key === 'Tab') onChoose(chosen.becomes);
    else return false;
    event.preventDefault();
    return true;
  }

  if (!isOpen) return null;
  return (
    <div
      ref={list}
      id={listId}
      className={styles.list}
      role="listbox"
      aria-label={strings.suggestions.of[word.sign]}
      // The caret stays where it is.
      onMouseDown={(event) => event.preventDefault()}
    >
      {suggestions.map((suggestion, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field, which has the focus, has the keys.
        <div
          key={suggestion.id}
          id={optionId(listId, index)}
          className={styles.option}
          role="option"
          aria-selected={index === at}
          tabIndex={-1}
          onPointerMove={() => index !== at && setPlace(index)}
          onClick={() => onChoose(suggestion.becomes)}
        >
          <span className={styles.sign}>
            <SignOf sign={suggestion.sign} />
          </span>
          <bdi className={styles.name}>{suggestion.name}</bdi>
          {suggestion.aside && <bdi className={styles.aside}>{suggestion.aside}</bdi>}
        </div>
      ))}
    </div>
  );
}

const ICONS = { ...ROOM_SIGNS, everybody: AtSign, command: Zap } as const;

function SignOf({ sign }: Pick<Suggestion, 'sign'>) {
  if (typeof sign === 'string') {
    const Icon = ICONS[sign];
    return <Icon size={15} aria-hidden />;
  }
  if ('emoji' in sign) return sign.emoji;
  return <PresenceDot status={sign.person} />;
}
