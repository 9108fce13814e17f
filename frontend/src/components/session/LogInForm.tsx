import { type FormEvent, useState } from 'react';
import { strings } from '../../app/strings';
import { why } from '../../app/why';
import { Button } from '../ui/Button';
import { TextField } from '../ui/TextField';
import { ErrorSummary } from './ErrorSummary';
import styles from './Forms.module.css';
import { PasswordField } from './PasswordField';
import { type FieldErrors, useDoorForm } from './useDoorForm';

type Field = 'login' | 'password';

const labels = () => ({ login: strings.session.login, password: strings.session.password });

export function LogInForm({ onLogIn }: { onLogIn: (login: string, password: string) => Promise<void> }) {
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const form = useDoorForm<Field>((failure) => ({
    // Whether the name or the password was wrong is nobody's business.
    problem: failure.code === 'unauthorized' ? strings.session.wrong : why(failure),
  }));

  function submit(event: FormEvent) {
    event.preventDefault();
    const found: FieldErrors<Field> = {};
    if (!login.trim()) found.login = strings.session.required;
    if (!password) found.password = strings.session.required;
    void form.submit(found, () => onLogIn(login.trim(), password));
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <ErrorSummary ref={form.summary} problem={form.problem} errors={form.errors} labels={labels()} />
      <TextField
        id="login"
        label={strings.session.login}
        name="username"
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        value={login}
        error={form.errors.login}
        onChange={(event) => setLogin(event.target.value)}
      />
      <PasswordField
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
  );
}
