/** The entry of the browser's history that is shown, by a name that it keeps. */
import { useLayoutEffect } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';
import { newId } from '../chat/ids';

interface Named {
  entry?: string;
}

export function useEntry(): string | undefined {
  const entry = useHistoryState<Named | null>()?.entry;
  useLayoutEffect(() => {
    if (!entry) history.replaceState({ ...history.state, entry: newId() }, '');
  }, [entry]);
  return entry;
}
