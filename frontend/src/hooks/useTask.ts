/** Something the user asked for: whether it is under way, and a word when it did not work. */
import { Toast } from '@base-ui/react/toast';
import { useCallback, useState } from 'react';
import { strings } from '../app/strings';
import { Failure } from '../chat/failure';

export function useTask(): { busy: boolean; run: (task: () => Promise<unknown>) => Promise<boolean> } {
  const [busy, setBusy] = useState(false);
  const { add } = Toast.useToastManager();
  const run = useCallback(
    async (task: () => Promise<unknown>) => {
      setBusy(true);
      try {
        await task();
        return true;
      } catch (thrown) {
        add({ title: strings.messages.notDone, description: Failure.from(thrown).message, priority: 'high' });
        return false;
      } finally {
        setBusy(false);
      }
    },
    [add],
  );
  return { busy, run };
}
