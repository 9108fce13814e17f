/** Puts an emoji on a message, or takes it off again, and remembers it as one that was used. */
import { withRecent } from '../chat/emoji';
import { hasReacted, withWishes } from '../chat/reactions';
import type { Message } from '../protocol';
import { useChat } from './useChat';
import { useTask } from './useTask';

export function useReact(message: Message): (emoji: string) => void {
  const chat = useChat();
  const { run } = useTask();
  return (emoji) => {
    const shown = withWishes(message.reactions, chat.reacting.wishes(message.id), chat.me.id);
    const wanted = !hasReacted(shown, emoji, chat.me.id);
    void run(() => chat.reacting.react(message, emoji, wanted));
    if (wanted) chat.settings.change({ recentEmoji: withRecent(chat.settings.now().recentEmoji, emoji) });
  };
}
