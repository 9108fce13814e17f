/** Lies over the room when the session has ended: signing in goes on where one was. */
import { Dialog } from '@base-ui/react/dialog';
import { type FormEvent, useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { why } from '../../app/why';
import { useChat } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import { Button } from '../ui/Button';
import modal from '../ui/Modal.module.css';
import { ErrorSummary } from './ErrorSummary';
import styles from './Forms.module.css';
import { PasswordField } from './PasswordField';
import { type FieldErrors, useDoorForm } from './useDoorForm';
import { useSignOut } from './useSignOut';

export interface SignInAgainProps {
  onLogIn: (password: string) => Promise<void>;
  onSignOut: () => Promise<void>;
}

export default function SignInAgain({ onLogIn, onSignOut }: SignInAgainProps) {
  const { me } = useChat();
  const [password, setPassword] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { run } = useTask();
  const [signOut, unsentQuestion] = useSignOut(onSignOut);
  const form = useDoorForm<'password'>((failure) => ({
    problem: failure.code === 'unauthorized' ? strings.session.wrongPassword : why(failure),
  }));

  function submit(event: FormEvent) {
    event.preventDefault();
    const found: FieldErrors<'password'> = password ? {} : { password: strings.session.required };
    void form.submit(found, () => onLogIn(password));
  }

  return (
    // It closes by signing in or out and by nothing else.
    <Dialog.Root open>
      <Dialog.Portal>
        <Dialog.Backdrop className={modal.backdrop} />
        <Dialog.Popup className={modal.popup} data-modal initialFocus={field}>
          <Dialog.Title className={modal.title}>{strings.session.againTitle}</Dialog.Title>
          <Dialog.Description className={modal.description}>{strings.session.againIntro}</Dialog.Description>
          <form className={`${styles.form} ${styles.again}`} onSubmit={submit} noValidate>
            <ErrorSummary
              ref={form.summary}
              problem={form.problem}
              errors={form.errors}
              labels={{ password: strings.session.password }}
            />
            <p className={styles.who}>
              <bdi className={styles.whoName}>{me.displayName}</bdi> <bdi>{me.username}</bdi>
            </p>
            {/* For password managers, which look for the name beside the password. */}
            <input
              className="visually-hidden"
              name="username"
              autoComplete="username"
              value={me.username}
              readOnly
              tabIndex={-1}
              aria-hidden
            />
            <PasswordField
              ref={field}
              id="password"
              name="password"
              autoComplete="current-password"
              value={password}
              error={form.errors.password}
              onChange={(event) => setPassword(event.target.value)}
            />
            <Button type="submit" disabled={form.busy}>
              {strings.session.logIn}
            </Button>
          </form>
          <p className={styles.other}>
            {strings.session.somebodyElse}{' '}
            <button type="button" className={styles.word} onClick={() => void run(signOut)}>
              {strings.session.signOutHere}
            </button>
          </p>
          {unsentQuestion}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
