/**
 * Signing in and signing up, set as today's page of the diary that a room is.
 *
 * The address is left as it is, so that a link into a room survives the door.
 */
import { Link, useLocation } from 'wouter';
import type { Session } from '../app/session';
import { strings } from '../app/strings';
import { LogInForm } from '../components/session/LogInForm';
import { RegisterForm } from '../components/session/RegisterForm';
import { longDay, timeOfDay } from '../hooks/dates';
import styles from './DoorPage.module.css';

export function DoorPage({ session, expired }: { session: Session; expired: boolean }) {
  const [path, navigate] = useLocation();
  const registering = path === '/register';
  const now = new Date();
  const entered = () => {
    if (path === '/register' || path === '/login') navigate('/', { replace: true });
  };
  return (
    <main className={styles.page}>
      <p className={styles.mark}>{strings.product}</p>
      <div className={styles.sheet}>
        <p className={styles.day}>{longDay(now)}</p>
        <div className={styles.entry}>
          <time className={styles.time} dateTime={now.toISOString()}>
            {timeOfDay(now)}
          </time>
          <div className={styles.body}>
            <h1 className={styles.title}>
              {registering ? strings.session.registerTitle : strings.session.loginTitle}
            </h1>
            {expired && !registering && <p className={styles.lead}>{strings.session.expired}</p>}
            {registering ? (
              <RegisterForm onRegister={(account) => session.register(account).then(entered)} />
            ) : (
              <LogInForm onLogIn={(login, password) => session.logIn(login, password).then(entered)} />
            )}
            <p className={styles.other}>
              {registering ? strings.session.haveAccount : strings.session.noAccount}{' '}
              <Link href={registering ? '/login' : '/register'}>
                {registering ? strings.session.logIn : strings.session.register}
              </Link>
            </p>
          </div>
        </div>
      </div>
    </main>
  );
}
