import { type FormEvent, useState } from 'react';
import { strings } from '../../app/strings';
import { why } from '../../app/why';
import type { Failure } from '../../chat/failure';
import { Button } from '../ui/Button';
import { TextField } from '../ui/TextField';
import { ErrorSummary } from './ErrorSummary';
import styles from './Forms.module.css';
import { PasswordField } from './PasswordField';
import { type FieldErrors, useDoorForm } from './useDoorForm';

type Field = 'username' | 'displayName' | 'password';

interface Account {
  username: string;
  password: string;
  displayName?: string;
}

const SHORTEST_PASSWORD = 8;

const labels = () => ({
  username: strings.session.username,
  displayName: strings.session.displayName,
  password: strings.session.password,
});

export function RegisterForm({ onRegister }: { onRegister: (account: Account) => Promise<void> }) {
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const form = useDoorForm<Field>(explain);

  function submit(event: FormEvent) {
    event.preventDefault();
    const found: FieldErrors<Field> = {};
    if (!username.trim()) found.username = strings.session.required;
    if (password.length < SHORTEST_PASSWORD) found.password = strings.session.passwordTooShort;
    const name = displayName.trim();
    void form.submit(found, () =>
      onRegister({ username: username.trim(), password, ...(name ? { displayName: name } : {}) }),
    );
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <ErrorSummary ref={form.summary} problem={form.problem} errors={form.errors} labels={labels()} />
      <TextField
        id="username"
        label={strings.session.username}
        hint={strings.session.usernameHint}
        name="username"
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        value={username}
        error={form.errors.username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <PasswordField
        id="password"
        name="password"
        autoComplete="new-password"
        hint={strings.session.passwordHint}
        value={password}
        error={form.errors.password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <TextField
        id="displayName"
        label={strings.session.displayName}
        hint={strings.session.displayNameHint}
        name="name"
        autoComplete="name"
        value={displayName}
        error={form.errors.displayName}
        onChange={(event) => setDisplayName(event.target.value)}
      />
      <Button type="submit" disabled={form.busy}>
        {strings.session.register}
      </Button>
    </form>
  );
}

function explain(failure: Failure): { errors?: FieldErrors<Field>; problem?: string } {
  if (failure.code === 'conflict') return { errors: { username: strings.session.usernameTaken } };
  const errors: FieldErrors<Field> = {};
  for (const field of Object.keys(labels()) as Field[]) {
    const message = failure.fields[field];
    if (message) errors[field] = message;
  }
  return Object.keys(errors).length > 0 ? { errors } : { problem: why(failure) };
}
