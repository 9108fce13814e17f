/** The keys of a plot that has the focus, and no others: a single key means something else elsewhere. */
import type { KeyboardEvent } from 'react';
import type { Zooming } from '../../hooks/useZooming';

/** One step to the side leaves most of what was seen where it can be recognised. */
export const STEP_ASIDE = 0.25;

/** Does what a key asks for, and says whether it asked for anything. */
export function zoomedBy(event: KeyboardEvent, zooming: Zooming, around?: number): boolean {
  // With those the browser makes its page larger.
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  switch (event.key) {
    case '+':
    case '=':
      zooming.closer(around);
      return true;
    case '-':
    case '_':
      zooming.further(around);
      return true;
    case 'ArrowLeft':
      zooming.move(-STEP_ASIDE);
      return true;
    case 'ArrowRight':
      zooming.move(STEP_ASIDE);
      return true;
    case '0':
      zooming.all();
      return true;
    case 'Escape':
      if (!zooming.zoom) return false;
      zooming.all();
      return true;
    default:
      return false;
  }
}
