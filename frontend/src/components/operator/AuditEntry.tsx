/** One act: who did what to whom, what was before and what is after, and by which request. */
import { ArrowRight } from 'lucide-react';
import { operatorStrings } from '../../app/operatorStrings';
import { clientName } from '../../chat/clientName';
import { timeOfDay, wholeTime } from '../../hooks/dates';
import type { Act } from '../../protocol';
import styles from './AuditLog.module.css';

export function AuditEntry({ act, onActor }: { act: Act; onActor: () => void }) {
  const words = operatorStrings().audit;
  const { actor, action, target, at, requestId, address } = act;
  const date = new Date(at);
  return (
    <li className={styles.entry} data-action={action}>
      <time className={styles.time} dateTime={at} title={wholeTime(date)}>
        {timeOfDay(date)}
      </time>
      <div className={styles.what}>
        <p>
          <button
            type="button"
            className={styles.actor}
            title={words.onlyOf(actor.displayName)}
            onClick={onActor}
          >
            <bdi>{actor.displayName}</bdi>
          </button>{' '}
          {words.said[action] ?? action} <bdi className={styles.target}>{target.name}</bdi>
        </p>
        <Changes act={act} />
        {(address || requestId) && (
          <p className={styles.by}>
            {address && (
              <span>
                {words.from} <bdi>{address}</bdi>
              </span>
            )}
            {requestId && <code dir="ltr">{requestId}</code>}
          </p>
        )}
      </div>
    </li>
  );
}

function Changes({ act: { before, after } }: { act: Act }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return null;
  return (
    <dl className={styles.changes}>
      {names.map((name) => (
        <Change key={name} name={name} before={shown(before, name)} after={shown(after, name)} />
      ))}
    </dl>
  );
}

interface ChangeProps {
  name: string;
  before: string | undefined;
  after: string | undefined;
}

/** What is said of one side only is not a change: it tells what was acted on. */
function Change({ name, before, after }: ChangeProps) {
  const words = operatorStrings().audit;
  return (
    <div className={styles.change}>
      <dt>
        <bdi>{words.fields[name] ?? name}</bdi>
      </dt>
      {before !== undefined && after !== undefined ? (
        <dd>
          <span className="visually-hidden">{words.before} </span>
          <del>
            <bdi>{before}</bdi>
          </del>
          <ArrowRight size={12} aria-hidden />
          <span className="visually-hidden">{words.after} </span>
          <ins>
            <bdi>{after}</bdi>
          </ins>
        </dd>
      ) : (
        <dd>
          <bdi>{before ?? after}</bdi>
        </dd>
      )}
    </div>
  );
}

function shown(state: Act['before'], name: string): string | undefined {
  const { roles, session } = operatorStrings();
  const value: unknown = (state as Record<string, unknown> | null | undefined)?.[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (name === 'userAgent') return clientName(value) ?? session.unknown;
  return name === 'role' ? (roles[value as keyof typeof roles] ?? value) : value;
}
