/** Whoever closes this part of the page while in it goes back to where they came from. */
import { type RefObject, useLayoutEffect } from 'react';

export function useReturnFocus(part: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = part.current;
    const opener = document.activeElement;
    return () => {
      if (!element?.contains(document.activeElement)) return;
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, [part]);
}
