import type { KeyboardEvent } from 'react';

/** Safari says that a composition has ended just before the key that ended it. */
const PROCESSED_BY_INPUT_METHOD = 229;

/** The key belongs to an input method, not to us. */
export function isComposing(event: Pick<KeyboardEvent, 'nativeEvent' | 'keyCode'>): boolean {
  return event.nativeEvent.isComposing || event.keyCode === PROCESSED_BY_INPUT_METHOD;
}
