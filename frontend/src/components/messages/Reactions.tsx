/** What people put on a message, and who: each is also the button to join them or to take it back. */
import { type MouseEvent, useLayoutEffect, useRef } from 'react';
import { strings } from '../../app/strings';
import { withWishes } from '../../chat/reactions';
import { growsDownwards } from '../../hooks/stillness';
import { useChat, useWatched } from '../../hooks/useChat';
import { useReact } from '../../hooks/useReact';
import type { Message, Reaction } from '../../protocol';
import styles from './Message.module.css';

/** More names than this are counted. */
const NAMED = 12;

export function Reactions({ message, canReact }: { message: Message; canReact: boolean }) {
  const chat = useChat();
  const wishes = useWatched(`message:${message.id}`, () => chat.reacting.wishes(message.id));
  const react = useReact(message);
  const reactions = withWishes(message.reactions, wishes, chat.me.id);
  const list = useStillness(reactions);
  if (reactions.length === 0) return null;
  return (
    <ul ref={list} className={styles.reactions}>
      {reactions.map((reaction) => (
        <li key={reaction.emoji}>
          <OneReaction reaction={reaction} canReact={canReact} onToggle={() => react(reaction.emoji)} />
        </li>
      ))}
    </ul>
  );
}

interface Props {
  reaction: Reaction;
  canReact: boolean;
  onToggle: () => void;
}

function OneReaction({ reaction: { emoji, count, userIds }, canReact, onToggle }: Props) {
  const chat = useChat();
  const mine = userIds.includes(chat.me.id);
  const names = userIds.flatMap((id) => {
    if (id === chat.me.id) return strings.presence.you;
    return chat.people.user(id)?.displayName ?? [];
  });
  const named = names.slice(0, NAMED);
  const who = strings.messages.reactedBy(named, count - named.length);

  // The second click of a double click means no more than the first.
  function onClick(event: MouseEvent) {
    if (canReact && event.detail <= 1) onToggle();
  }

  return (
    <button
      type="button"
      className={styles.reaction}
      aria-pressed={mine}
      aria-disabled={!canReact || undefined}
      aria-label={strings.messages.reaction(emoji, count, mine)}
      aria-description={who}
      data-tip={who}
      onClick={onClick}
    >
      <span aria-hidden>{emoji}</span>
      <span aria-hidden>{count}</span>
    </button>
  );
}

/** Nothing above a reaction moves when it comes or goes. */
function useStillness(reactions: readonly Reaction[]) {
  const list = useRef<HTMLUListElement>(null);
  const kinds = reactions.length;
  const before = useRef(kinds);
  useLayoutEffect(() => {
    if (before.current !== kinds) growsDownwards(list.current);
    before.current = kinds;
  }, [kinds]);
  return list;
}
