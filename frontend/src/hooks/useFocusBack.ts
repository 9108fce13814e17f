/**
 * Gives the focus back the moment that a dialog closes.
 *
 * By itself a dialog does when it has faded. Until then what one types is lost in
 * it, and then it takes the focus from wherever one has gone meanwhile.
 */
import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Who has the focus afterwards: nobody else for `false`, whoever had it before if it does not say. */
type ReturnTo = () => HTMLElement | null | undefined | false;

interface PopupProps {
  ref: RefObject<HTMLDivElement | null>;
  finalFocus: () => HTMLElement | boolean;
}

/** For the popup of a dialog that is open or not. */
export function useFocusBack(open: boolean, returnTo?: ReturnTo): PopupProps {
  const popup = useRef<HTMLDivElement>(null);
  const opener = useRef<Element>(null);
  const wasOpen = useRef(false);
  const latest = useRef(returnTo);
  latest.current = returnTo;

  useLayoutEffect(() => {
    const closes = wasOpen.current && !open;
    wasOpen.current = open;
    const active = document.activeElement;
    if (open) opener.current = active;
    if (!closes || (active !== document.body && !popup.current?.contains(active))) return;
    const place = latest.current?.() ?? opener.current;
    if (place instanceof HTMLElement) place.focus({ preventScroll: true });
  }, [open]);

  // What is taken off the page while it is open has not closed.
  return { ref: popup, finalFocus: () => wasOpen.current && (latest.current?.() ?? true) };
}
