/** A finger that stays where it is for a while. One that scrolls, or follows a link, means something else. */
import { type PointerEvent, type SyntheticEvent, useRef } from 'react';

const LONG_MS = 500;
const SLACK_PX = 10;

interface Press {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly x: number;
  readonly y: number;
}

export function useLongPress(pressed: () => void) {
  const press = useRef<Press>(undefined);
  const wasLong = useRef(false);

  function forget() {
    clearTimeout(press.current?.timer);
    press.current = undefined;
  }

  return {
    onPointerDown(event: PointerEvent) {
      forget();
      wasLong.current = false;
      if (event.pointerType === 'mouse' || isItsOwn(event.target)) return;
      const timer = setTimeout(() => {
        wasLong.current = true;
        pressed();
      }, LONG_MS);
      press.current = { timer, x: event.clientX, y: event.clientY };
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      const { x, y } = press.current ?? { x: clientX, y: clientY };
      if (Math.hypot(clientX - x, clientY - y) > SLACK_PX) forget();
    },
    onPointerUp: forget,
    onPointerCancel: forget,
    // No click follows, which would hit what has opened meanwhile.
    onTouchEnd: (event: SyntheticEvent) => wasLong.current && event.preventDefault(),
    // The browser's own menu would lie over ours.
    onContextMenu: (event: SyntheticEvent) => press.current && event.preventDefault(),
  };
}

function isItsOwn(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, textarea, input') !== null;
}
