/**
 * Signing in and signing up, set as today's page of the diary that a room is.
 *
 * The address is left as it is, so that a link into a room survives the door. On
 * a server without an owner there is one thing to do, at `/setup`, and once.
 */
import { type ReactNode, useEffect } from 'react';
import { Link, Redirect, useLocation } from 'wouter';
import type { Session } from '../app/session';
import { strings } from '../app/strings';
import { LogInForm } from '../components/session/LogInForm';
import { RegisterForm } from '../components/session/RegisterForm';
import { longDay, timeOfDay } from '../hooks/dates';
import type { AtTheDoor } from '../protocol';
import styles from './DoorPage.module.css';

interface Props {
  session: Session;
  expired: boolean;
  door: AtTheDoor;
}

const OWN_ADDRESSES = ['/setup', '/register', '/login'];

export function DoorPage({ session, expired, door }: Props) {
  const [path, navigate] = useLocation();
  const { session: words } = strings;
  const entered = () => {
    // Where an owner was to be made, somebody else may have been faster.
    const isIn = session.state().phase === 'in';
    if (isIn && OWN_ADDRESSES.includes(path)) navigate('/', { replace: true });
  };

  if (!door.hasOwner) {
    if (path !== '/setup') return <Redirect to="/setup" replace />;
    return (
      <Entry title={words.ownerTitle} lead={words.ownerIntro}>
        <RegisterForm onRegister={(account) => session.createOwner(account).then(entered)} />
      </Entry>
    );
  }
  if (path === '/setup') {
    return (
      <Entry title={words.hasOwner} lead={words.hasOwnerHint}>
        <ToLogIn />
      </Entry>
    );
  }
  if (path === '/register') {
    return door.registration === 'closed' ? (
      <Entry title={words.closed} lead={words.closedHint}>
        <ToLogIn />
      </Entry>
    ) : (
      <Entry title={words.registerTitle}>
        <RegisterForm onRegister={(account) => session.register(account).then(entered)} />
        <ToLogIn />
      </Entry>
    );
  }
  return (
    <Entry title={words.loginTitle} lead={expired ? words.expired : undefined}>
      <LogInForm onLogIn={(login, password) => session.logIn(login, password).then(entered)} />
      {door.registration === 'open' && (
        <p className={styles.other}>
          {words.noAccount} <Link href="/register">{words.register}</Link>
        </p>
      )}
    </Entry>
  );
}

function ToLogIn() {
  return (
    <p className={styles.other}>
      {strings.session.haveAccount} <Link href="/login">{strings.session.logIn}</Link>
    </p>
  );
}

function Entry({ title, lead, children }: { title: string; lead?: string | undefined; children: ReactNode }) {
  const now = new Date();
  useEffect(() => {
    document.title = `${title} · ${strings.product}`;
  }, [title]);
  return (
    <main className={styles.page}>
      <p className={styles.mark}>{strings.product}</p>
      <div className={styles.sheet}>
        <p className={styles.day}>{longDay(now)}</p>
        <div className={styles.entry}>
          <time className={styles.time} dateTime={now.toISOString()}>
            {timeOfDay(now)}
          </time>
          <div>
            <h1 className={styles.title}>{title}</h1>
            {lead && <p className={styles.lead}>{lead}</p>}
            {children}
          </div>
        </div>
      </div>
    </main>
  );
}
