/** Signing out wipes what this browser keeps, so it asks first when something is not sent yet. */
import { type ReactNode, useState } from 'react';
import { strings } from '../../app/strings';
import { useChat } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import { Confirm } from '../ui/Confirm';

export function useSignOut(signOut: () => Promise<void>): [ask: () => Promise<void>, question: ReactNode] {
  const chat = useChat();
  const { run } = useTask();
  const [asked, setAsked] = useState({ open: false, unsent: 0 });

  async function ask() {
    const { unsent } = chat.outbox;
    if (unsent === 0) await signOut();
    else setAsked({ open: true, unsent });
  }

  const question = (
    <Confirm
      open={asked.open}
      title={strings.session.unsentTitle}
      description={strings.session.unsentHint(asked.unsent)}
      action={strings.session.signOut}
      onConfirm={() => void run(signOut)}
      onClose={() => setAsked({ ...asked, open: false })}
    />
  );
  return [ask, question];
}
