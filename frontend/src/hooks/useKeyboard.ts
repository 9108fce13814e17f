/** Listens for the keys that are commands wherever the focus is. */
import { useEffect } from 'react';
import { isComposing } from '../components/messages/composing';
import { usePreferences } from './usePreferences';
import type { Shell } from './useShell';

export const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

/** What holds the focus until it is closed, and has its own use for the keys. */
const OVERLAY = ':is([role="dialog"], [role="alertdialog"], [role="menu"]):not([data-closed])';
/** Over everything until it is closed, even while the focus is nowhere. */
const MODAL = '[data-modal]:not([data-closed])';
const WRITING = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]';

export function useKeyboard({ commands, escapes }: Shell): void {
  const { singleKeys } = usePreferences();

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const target = event.target instanceof Element ? event.target : document.body;
      const composing = isComposing({ nativeEvent: event, keyCode: event.keyCode });
      if (event.defaultPrevented || composing || target.closest(OVERLAY)) return;
      if (document.querySelector(MODAL)) return;
      if (event.key === 'Escape' ? escapes.press() : perform(event, target)) {
        event.preventDefault();
        event.stopPropagation();
      }
    }

    function perform(event: KeyboardEvent, target: Element): boolean {
      const alone = singleKeys && !target.matches(WRITING);
      const command = commands.find(event, { apple: APPLE, singleKeys: alone });
      command?.run?.();
      return command !== undefined || (alone && pressesButton(event, target));
    }

    // Before whatever has the focus: what is to be left may be around it.
    addEventListener('keydown', onKeyDown, { capture: true });
    return () => removeEventListener('keydown', onKeyDown, { capture: true });
  }, [commands, escapes, singleKeys]);
}

/** A letter presses the button of the focused message that carries it. */
function pressesButton({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, target: Element): boolean {
  if (ctrlKey || metaKey || altKey || key.length !== 1 || !target.matches('[data-id]')) return false;
  const button = target.querySelector<HTMLElement>(`[aria-keyshortcuts="${CSS.escape(key.toLowerCase())}"]`);
  button?.click();
  return button !== null;
}
