/** What operators did, as a diary: it is only ever written on. */

import { X } from 'lucide-react';
import { Fragment } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { strings } from '../../app/strings';
import { longDay } from '../../hooks/dates';
import { useFilter } from '../../hooks/useFilter';
import { usePages } from '../../hooks/usePages';
import type { Act, Action } from '../../protocol';
import { operatorApi } from '../../services/operatorApi';
import { Skeleton } from '../ui/Skeleton';
import { AuditEntry } from './AuditEntry';
import styles from './AuditLog.module.css';
import { Endless } from './Endless';
import lists from './Lists.module.css';
import { Choice } from './Narrowing';
import { Failed, Nothing } from './States';

const ACTIONS = [
  'user.role_changed',
  'user.deactivated',
  'user.reactivated',
  'session.revoked',
  'sessions.revoked',
] as const satisfies readonly Action[];

export function AuditLog() {
  const [actor, setActor] = useFilter('actor');
  const [action, setAction] = useFilter('action');
  const words = operatorStrings().audit;
  const acts = usePages(`${actor} ${action}`, async (before) => {
    const page = await operatorApi.acts({ actor: actor || undefined, action: action || undefined }, before);
    return { items: page.entries, nextCursor: page.nextCursor };
  });
  const { items, failure, hasMore, more, retry } = acts;
  const narrowed = actor !== '' || action !== '';
  const who = items?.find((act) => act.actor.id === actor)?.actor.displayName ?? actor;

  return (
    <>
      <search className={lists.filters}>
        <Choice
          label={words.action}
          options={ACTIONS}
          names={words.actions}
          value={action}
          onChange={setAction}
          all={words.anything}
        />
        {actor && (
          <button type="button" className={styles.chip} onClick={() => setActor('')}>
            <span>
              {words.actor}: <bdi>{who}</bdi>
            </span>
            <X size={14} aria-hidden />
            <span className="visually-hidden">{strings.undo}</span>
          </button>
        )}
      </search>
      {failure && <Failed failure={failure} onRetry={retry} />}
      {!items && !failure && <Skeleton shape="list" />}
      {items?.length === 0 &&
        (narrowed ? <Nothing title={words.noneFit} /> : <Nothing title={words.none} hint={words.noneHint} />)}
      <ol className={styles.log}>
        {items?.map((act, place) => (
          <Fragment key={act.id}>
            {dayOf(act) !== dayOf(items[place - 1]) && (
              <li className={styles.day}>
                <h2 className={styles.dayName}>{longDay(new Date(act.at))}</h2>
              </li>
            )}
            <AuditEntry act={act} onActor={() => setActor(act.actor.id)} />
          </Fragment>
        ))}
      </ol>
      {items && hasMore && <Endless onMore={more} />}
      {items && items.length > 0 && !hasMore && !narrowed && <p className={styles.end}>{words.end}</p>}
    </>
  );
}

const dayOf = (act: Act | undefined): string | undefined => act && new Date(act.at).toDateString();
