/** Everybody with an account: their role, their sessions, and whether they may sign in. */
import { useState } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { ROLES } from '../../chat/operators';
import { useFilter } from '../../hooks/useFilter';
import { usePages } from '../../hooks/usePages';
import type { AdminUser } from '../../protocol';
import { operatorApi } from '../../services/operatorApi';
import { Skeleton } from '../ui/Skeleton';
import { Endless } from './Endless';
import styles from './Lists.module.css';
import { Choice, Search } from './Narrowing';
import { PersonRow } from './PersonRow';
import { Sessions } from './Sessions';
import { Failed, Nothing } from './States';

const STATES = ['active', 'deactivated'] as const;

export function People() {
  const [q, setQ] = useFilter('q');
  const [role, setRole] = useFilter('role');
  const [state, setState] = useFilter('state');
  const [shown, setShown] = useState<AdminUser>();
  const [showing, setShowing] = useState(false);
  const words = operatorStrings();
  const people = usePages(`${q} ${role} ${state}`, async (cursor) => {
    const filters = { q: q.trim() || undefined, role: role || undefined, state: state || undefined };
    const { users, nextCursor } = await operatorApi.users(filters, cursor);
    return { items: users, nextCursor };
  });
  const { items, failure, hasMore, more, retry } = people;
  const changed = (user: AdminUser) => people.replace((one) => one.id === user.id, user);

  return (
    <>
      <search className={styles.filters}>
        <Search label={words.find} value={q} onChange={setQ} />
        <Choice label={words.role} options={ROLES} names={words.roles} value={role} onChange={setRole} />
        <Choice label={words.state} options={STATES} names={words.states} value={state} onChange={setState} />
      </search>
      {failure && <Failed failure={failure} onRetry={retry} />}
      {!items && !failure && <Skeleton shape="list" />}
      {items?.length === 0 && <Nothing title={words.person.none} hint={words.person.noneHint} />}
      {items && items.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{words.person.column}</th>
              <th scope="col">{words.role}</th>
              <th scope="col" className={styles.spare}>
                {words.lastSeen}
              </th>
              <th scope="col" className={styles.spare}>
                {words.person.joined}
              </th>
              <th scope="col">{words.sessions}</th>
              <th scope="col">
                <span className="visually-hidden">{words.state}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((user) => (
              <PersonRow
                key={user.id}
                user={user}
                onChanged={changed}
                onSessions={() => {
                  setShown(user);
                  setShowing(true);
                }}
              />
            ))}
          </tbody>
        </table>
      )}
      {items && hasMore && <Endless onMore={more} />}
      {shown && (
        <Sessions
          key={shown.id}
          user={shown}
          open={showing}
          onClose={() => setShowing(false)}
          onEnded={(left) => changed({ ...shown, sessions: left })}
        />
      )}
    </>
  );
}
