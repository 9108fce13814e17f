/**
 * What the page tells the chat about its user: that they are away after five
 * minutes without input, that a tab which slept should ask what it missed, and
 * that one about to go should keep what it has.
 */
import { useEffect } from 'react';
import { useChat } from './useChat';

const AWAY_AFTER_MS = 5 * 60_000;
const ASLEEP_AFTER_MS = 60_000;

export function useLiveness(): void {
  const chat = useChat();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const active = () => {
      clearTimeout(timer);
      chat.setStatus('online');
      timer = setTimeout(() => chat.setStatus('away'), AWAY_AFTER_MS);
    };
    active();
    const inputs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;
    for (const input of inputs) addEventListener(input, active, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const input of inputs) removeEventListener(input, active);
    };
  }, [chat]);

  useEffect(() => {
    let hiddenAt: number | undefined;
    const visibility = () => {
      if (document.hidden) {
        hiddenAt = Date.now();
        // A hidden page may be ended without another word.
        chat.save();
        return;
      }
      if (hiddenAt !== undefined && Date.now() - hiddenAt > ASLEEP_AFTER_MS) chat.catchUp();
      else chat.connection.retryNow();
      hiddenAt = undefined;
    };
    const online = () => chat.connection.retryNow();
    const leaving = () => chat.save();
    document.addEventListener('visibilitychange', visibility);
    addEventListener('online', online);
    addEventListener('pagehide', leaving);
    return () => {
      document.removeEventListener('visibilitychange', visibility);
      removeEventListener('online', online);
      removeEventListener('pagehide', leaving);
    };
  }, [chat]);
}
