/**
 * The entry of the browser's history that is shown: by a name that it keeps, and
 * whether Back leads to another place of this chat.
 */
import { useLayoutEffect } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import { newId } from '../chat/ids';

interface Named {
  readonly entry?: string;
  readonly leadsBack?: boolean;
}

let hasMoved = false;
// The router tells of every address that is added to the history.
addEventListener('pushState', () => {
  hasMoved = true;
});

export function useEntry(): Named {
  const named = useHistoryState<Named | null>();
  const entry = named?.entry;
  useLayoutEffect(() => {
    if (!entry) history.replaceState({ ...history.state, entry: newId(), leadsBack: hasMoved }, '');
  }, [entry]);
  return named ?? {};
}
