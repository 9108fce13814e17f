import { strings } from '../../app/strings';
import { withWishes } from '../../chat/reactions';
import { useChat, useWatched } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { Message } from '../../protocol';
import styles from './Message.module.css';

export function Reactions({ message, canReact }: { message: Message; canReact: boolean }) {
  const chat = useChat();
  const wishes = useWatched(`message:${message.id}`, () => chat.reacting.wishes(message.id));
  const { run } = useTask();
  const reactions = withWishes(message.reactions, wishes, chat.me.id);
  if (reactions.length === 0) return null;
  return (
    <ul className={styles.reactions}>
      {reactions.map(({ emoji, count, userIds }) => {
        const mine = userIds.includes(chat.me.id);
        const names = userIds.flatMap((id) => chat.people.user(id)?.displayName ?? []).join(', ');
        return (
          <li key={emoji}>
            <button
              type="button"
              className={styles.reaction}
              aria-pressed={mine}
              aria-label={strings.messages.reaction(emoji, count, mine)}
              title={names}
              disabled={!canReact}
              onClick={() => void run(() => chat.reacting.react(message, emoji, !mine))}
            >
              <span aria-hidden>{emoji}</span>
              <span aria-hidden>{count}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
