/** How components read the chat: they name what they watch, and what they take of it. */
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { Chat } from '../chat/chat';

export const ChatContext = createContext<Chat | undefined>(undefined);

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error('useChat is for components inside the signed-in part of the page');
  return chat;
}

/**
 * Renders again when what `read` returns is another after `key` has changed.
 * `read` must return the same object for as long as nothing has changed.
 */
export function useWatched<Value>(key: string, read: (chat: Chat) => Value): Value {
  const chat = useChat();
  const subscribe = useCallback((listener: () => void) => chat.notices.subscribe(key, listener), [chat, key]);
  return useSyncExternalStore(subscribe, () => read(chat));
}
