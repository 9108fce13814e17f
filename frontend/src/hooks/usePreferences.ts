import { useSyncExternalStore } from 'react';
import type { Preferences } from '../chat/settings';
import { useChat } from './useChat';

export function usePreferences(): Preferences {
  const { settings } = useChat();
  return useSyncExternalStore(settings.subscribe, settings.now);
}
