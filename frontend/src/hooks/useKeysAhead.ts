/**
 * What is typed for something that is still on its way.
 *
 * Whoever knows the keys of a command does not wait until its page is there. The
 * letters are kept for it, and nothing of them reaches what it will cover: they,
 * and Enter, would be a message to the room.
 */
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { isComposing } from '../components/messages/composing';

/** The letters typed while `waiting`; `onGiveUp` is called for Escape. */
export function useKeysAhead(waiting: boolean, onGiveUp: () => void): RefObject<string> {
  const typed = useRef('');
  const giveUp = useRef(onGiveUp);
  giveUp.current = onGiveUp;

  useLayoutEffect(() => {
    if (!waiting) return;
    function onKeyDown(event: KeyboardEvent) {
      const { key, ctrlKey, metaKey, altKey } = event;
      if (isComposing({ nativeEvent: event, keyCode: event.keyCode })) return;
      if (ctrlKey || metaKey || altKey) return;
      if (key === 'Escape') giveUp.current();
      else if (key === 'Backspace') typed.current = typed.current.slice(0, -1);
      else if (key.length === 1) typed.current += key;
      else if (key !== 'Enter') return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    addEventListener('keydown', onKeyDown, { capture: true });
    return () => {
      removeEventListener('keydown', onKeyDown, { capture: true });
      typed.current = '';
    };
  }, [waiting]);

  return typed;
}
