import { plainWords } from '../chat/words/words';
import type { ReplyTo } from '../protocol';
import { useChat, useWatched } from './useChat';

/** One line of a message that is answered, as it now is; empty once it is deleted. */
export function useExcerpt(roomId: string, { id, excerpt }: Pick<ReplyTo, 'id' | 'excerpt'>): string {
  const chat = useChat();
  const original = useWatched(`message:${id}`, () => chat.timeline(roomId).message(id));
  const leaving = useWatched(`message:${id}`, () => chat.deletions.has(id));
  return leaving || original?.deletedAt ? '' : plainWords(original ?? { content: excerpt });
}
