/** One account, and what an operator may do to it. Whatever takes something away asks first. */
import { useState } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { mayActOn, rolesToGive } from '../../chat/operators';
import { shortDay, wholeTime } from '../../hooks/dates';
import { shownCount } from '../../hooks/numbers';
import { useWatched } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { AdminUser, PatchAdminUser, Role } from '../../protocol';
import { operatorApi } from '../../services/operatorApi';
import { toasting } from '../../services/toasting';
import { Button } from '../ui/Button';
import { Confirm } from '../ui/Confirm';
import styles from './Lists.module.css';

interface Props {
  user: AdminUser;
  onChanged: (user: AdminUser) => void;
  onSessions: () => void;
}

/** What was asked for and waits for a yes. It stays while the question closes. */
type Wish = { open: boolean; role: Role } | { open: boolean; role?: undefined };

export function PersonRow({ user, onChanged, onSessions }: Props) {
  const me = useWatched('me', (chat) => chat.me);
  const [wish, setWish] = useState<Wish>({ open: false });
  const { busy, run } = useTask();
  const words = operatorStrings();
  const { displayName: name, deactivatedAt } = user;
  const mayAct = mayActOn(me, user);

  function change(wanted: PatchAdminUser, said: string) {
    void run(async () => {
      onChanged(await operatorApi.changeUser(user.id, wanted));
      toasting.say({ title: said });
    });
  }

  function agreed() {
    const { role } = wish;
    if (role) change({ role }, words.person.saved(name, words.roles[role]));
    else change({ deactivated: true }, words.person.deactivated(name));
  }

  return (
    <tr data-off={deactivatedAt ? true : undefined}>
      <th scope="row" className={styles.who}>
        <span className={styles.name}>
          <bdi>{name}</bdi>
          {user.id === me.id && <span className={styles.tag}>{words.you}</span>}
        </span>
        <span className={styles.aside}>
          <bdi>{user.username}</bdi>
          {user.email && (
            <>
              {' · '}
              <bdi>{user.email}</bdi>
            </>
          )}
        </span>
        {deactivatedAt && (
          <span className={styles.off}>{words.deactivatedSince(shortDay(new Date(deactivatedAt)))}</span>
        )}
      </th>
      <td>
        <RoleOf
          user={user}
          roles={rolesToGive(me, user)}
          onChoose={(role) => setWish({ open: true, role })}
        />
      </td>
      <td className={styles.spare}>{user.lastSeenAt ? <Day at={user.lastSeenAt} /> : words.never}</td>
      <td className={styles.spare}>
        <Day at={user.createdAt} />
      </td>
      <td data-label={words.sessions}>
        <button
          type="button"
          className={styles.number}
          aria-label={words.session.title(name)}
          onClick={onSessions}
        >
          {shownCount(user.sessions)}
        </button>
      </td>
      <td className={styles.act}>
        {mayAct &&
          (deactivatedAt ? (
            <Button
              look="plain"
              className={styles.quiet}
              disabled={busy}
              aria-label={`${words.person.reactivate}: ${name}`}
              onClick={() => change({ deactivated: false }, words.person.reactivated(name))}
            >
              {words.person.reactivate}
            </Button>
          ) : (
            <Button
              look="plain"
              className={styles.quiet}
              disabled={busy}
              aria-label={`${words.person.deactivate}: ${name}`}
              onClick={() => setWish({ open: true })}
            >
              {words.person.deactivate}
            </Button>
          ))}
        <Confirm
          open={wish.open}
          title={
            wish.role
              ? words.person.roleTitle(name, words.roles[wish.role])
              : words.person.deactivateTitle(name)
          }
          description={wish.role ? words.person.roleHint[wish.role] : words.person.deactivateHint}
          action={wish.role ? words.person.roleAction : words.person.deactivate}
          look={wish.role ? 'primary' : 'danger'}
          onConfirm={agreed}
          onClose={() => setWish({ ...wish, open: false })}
        />
      </td>
    </tr>
  );
}

interface RoleProps {
  user: AdminUser;
  roles: readonly Role[];
  onChoose: (role: Role) => void;
}

/** A choice where one may choose; it shows what is, until the server says that it is otherwise. */
function RoleOf({ user, roles, onChoose }: RoleProps) {
  const words = operatorStrings();
  if (roles.length === 0) return <span className={styles.fixed}>{words.roles[user.role]}</span>;
  return (
    <select
      className={styles.select}
      aria-label={words.person.changeRole(user.displayName)}
      value={user.role}
      onChange={(event) => {
        const role = roles.find((one) => one === event.target.value);
        if (role) onChoose(role);
      }}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {words.roles[role]}
        </option>
      ))}
    </select>
  );
}

export function Day({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={wholeTime(date)}>
      {shortDay(date)}
    </time>
  );
}
