/** What the word at the caret may become. The field keeps the focus and has the keys. */
import { AtSign, Hash, Lock, MessageCircle, Zap } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { strings } from '../../app/strings';
import type { Sign } from '../../chat/completion';
import type { Suggestion } from '../../hooks/useSuggestions';
import { PresenceDot } from '../presence/PresenceDot';
import styles from './Suggestions.module.css';

interface Props {
  listId: string;
  sign: Sign;
  suggestions: readonly Suggestion[];
  at: number;
  point: (at: number) => void;
  choose: (suggestion: Suggestion) => void;
}

export const optionId = (listId: string, at: number) => `${listId}-${at}`;

export function Suggestions({ listId, sign, suggestions, at, point, choose }: Props) {
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  return (
    <div
      ref={list}
      id={listId}
      className={styles.list}
      role="listbox"
      aria-label={strings.suggestions.of[sign]}
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
          onPointerMove={() => index !== at && point(index)}
          onClick={() => choose(suggestion)}
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

const ICONS = {
  public: Hash,
  private: Lock,
  direct: MessageCircle,
  everybody: AtSign,
  command: Zap,
} as const;

function SignOf({ sign }: Pick<Suggestion, 'sign'>) {
  if (typeof sign === 'string') {
    const Icon = ICONS[sign];
    return <Icon size={15} aria-hidden />;
  }
  if ('emoji' in sign) return sign.emoji;
  return <PresenceDot status={sign.person} />;
}
