/**
 * What the page tells the chat about its user: whether they are at it
 * (`chat/attention.ts`), that a tab which slept should ask what it missed, and
 * that one about to go should keep what it has.
 */
import { useEffect } from 'react';
import { Attention } from '../chat/attention';
import { useChat } from './useChat';

const ASLEEP_AFTER_MS = 60_000;

export function useLiveness(): void {
  const chat = useChat();

  useEffect(() => {
    chat.setStatus('online');
    const attention = new Attention(!document.hidden, (status) => chat.setStatus(status));
    const acted = () => attention.acted();
    const moved = () => attention.moved();
    const visibility = () => (document.hidden ? attention.hidden() : attention.shown());
    // A key alone may be what leads to another tab.
    const heard = { pointerdown: acted, input: acted, pointermove: moved, keydown: moved, wheel: moved };
    for (const [name, listener] of Object.entries(heard)) addEventListener(name, listener, { passive: true });
    document.addEventListener('visibilitychange', visibility);
    return () => {
      attention.stop();
      for (const [name, listener] of Object.entries(heard)) removeEventListener(name, listener);
      document.removeEventListener('visibilitychange', visibility);
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
