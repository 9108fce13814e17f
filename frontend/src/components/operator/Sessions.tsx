/** Where somebody is signed in, and an end to it. */
import { useEffect, useState } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { clientName } from '../../chat/clientName';
import { Failure } from '../../chat/failure';
import { mayActOn } from '../../chat/operators';
import { shortDay, wholeTime } from '../../hooks/dates';
import { useWatched } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { AdminUser, OwnSession } from '../../protocol';
import { operatorApi } from '../../services/operatorApi';
import { toasting } from '../../services/toasting';
import { Button } from '../ui/Button';
import { Modal } from '../ui/Modal';
import { Skeleton } from '../ui/Skeleton';
import styles from './Lists.module.css';
import { Failed, Nothing } from './States';

interface Props {
  user: AdminUser;
  open: boolean;
  onClose: () => void;
  /** How many are left. */
  onEnded: (left: number) => void;
}

export function Sessions({ user, open, onClose, onEnded }: Props) {
  const words = operatorStrings().session;
  return (
    <Modal open={open} onClose={onClose} title={words.title(user.displayName)}>
      <SessionList user={user} onEnded={onEnded} />
    </Modal>
  );
}

function SessionList({ user, onEnded }: Pick<Props, 'user' | 'onEnded'>) {
  const me = useWatched('me', (chat) => chat.me);
  const [sessions, setSessions] = useState<readonly OwnSession[]>();
  const [failure, setFailure] = useState<Failure>();
  const [attempt, setAttempt] = useState(0);
  const { busy, run } = useTask();
  const words = operatorStrings().session;
  const mayEnd = mayActOn(me, user);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again.
  useEffect(() => {
    let current = true;
    setFailure(undefined);
    operatorApi.sessions(user.id).then(
      (list) => current && setSessions(list.sessions),
      (thrown) => current && setFailure(Failure.from(thrown)),
    );
    return () => {
      current = false;
    };
  }, [user.id, attempt]);

  function end(session?: OwnSession) {
    void run(async () => {
      if (session) await operatorApi.endSession(user.id, session.id);
      else await operatorApi.endSessions(user.id);
      const left = session ? (sessions ?? []).filter((one) => one !== session) : [];
      setSessions(left);
      onEnded(left.length);
      toasting.say({ title: session ? words.ended : words.allEnded });
    });
  }

  if (failure) return <Failed failure={failure} onRetry={() => setAttempt(attempt + 1)} />;
  if (!sessions) return <Skeleton shape="list" />;
  if (sessions.length === 0) return <Nothing title={words.none} />;
  return (
    <>
      <ul className={styles.sessions}>
        {sessions.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            onEnd={mayEnd ? () => end(session) : undefined}
            busy={busy}
          />
        ))}
      </ul>
      {mayEnd && sessions.length > 1 && (
        <div className={styles.endAll}>
          <Button look="danger" disabled={busy} onClick={() => end()}>
            {words.endAll}
          </Button>
        </div>
      )}
    </>
  );
}

interface RowProps {
  session: OwnSession;
  busy: boolean;
  onEnd: (() => void) | undefined;
}

function SessionRow({ session, busy, onEnd }: RowProps) {
  const words = operatorStrings().session;
  const client = clientName(session.userAgent) ?? words.unknown;
  return (
    <li className={styles.session}>
      <span className={styles.who}>
        <span className={styles.name} title={session.userAgent}>
          <bdi>{client}</bdi>
          {session.current && <span className={styles.tag}>{words.here}</span>}
        </span>
        <span className={styles.aside}>
          {words.begun(shortDay(new Date(session.createdAt)))}
          {' · '}
          {words.used(wholeTime(new Date(session.lastUsedAt)))}
        </span>
      </span>
      {onEnd && (
        <Button look="plain" disabled={busy} aria-label={words.endNamed(client)} onClick={onEnd}>
          {words.end}
        </Button>
      )}
    </li>
  );
}
