/** Something the user asked for: whether it is under way, and a word when it did not work. */
import { useCallback, useState } from 'react';
import { strings } from '../app/strings';
import { why } from '../app/why';
import { Failure } from '../chat/failure';
import { toasting } from '../services/toasting';

export function useTask(): { busy: boolean; run: (task: () => Promise<unknown>) => Promise<boolean> } {
  const [busy, setBusy] = useState(false);
  const run = useCallback(async (task: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await task();
      return true;
    } catch (thrown) {
      const description = why(Failure.from(thrown));
      toasting.say({ title: strings.messages.notDone, description, urgent: true });
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, run };
}
