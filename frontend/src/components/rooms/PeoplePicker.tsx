/** Finds people by name and gathers the chosen ones. */
import { X } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { strings } from '../../app/strings';
import { useAnswer } from '../../hooks/useAnswer';
import { useChat } from '../../hooks/useChat';
import type { User } from '../../protocol';
import { api } from '../../services/api';
import { isComposing } from '../messages/composing';
import { TextField } from '../ui/TextField';
import styles from './Forms.module.css';

interface Props {
  chosen: readonly User[];
  onChange: (chosen: User[]) => void;
  /** People who need not be offered. */
  without?: ReadonlySet<string>;
  label?: string;
  hint?: string;
  /** Nobody is offered before a letter is typed. */
  quiet?: boolean;
}

const SHOWN = 8;

export function PeoplePicker({ chosen, onChange, without, label, hint, quiet = false }: Props) {
  const { me } = useChat();
  const [words, setWords] = useState('');
  const waits = quiet && words.trim() === '';
  const found = useAnswer(waits ? undefined : words.trim(), (letters) =>
    api.findUsers(letters).catch(() => ({ users: [] })),
  );

  const offered = found?.users
    .filter(
      (user) => user.id !== me.id && !without?.has(user.id) && !chosen.some((one) => one.id === user.id),
    )
    .slice(0, SHOWN);

  function choose(user: User) {
    onChange([...chosen, user]);
    setWords('');
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Enter' || isComposing(event)) return;
    // The field may stand in a form, which Enter is not meant for here.
    event.preventDefault();
    const [first] = offered ?? [];
    if (first && words.trim() !== '') choose(first);
  }

  return (
    <div className={styles.picker}>
      {chosen.length > 0 && (
        <ul className={styles.chosen}>
          {chosen.map((user) => (
            <li key={user.id}>
              <button
                type="button"
                className={styles.chip}
                onClick={() => onChange(chosen.filter((one) => one.id !== user.id))}
              >
                <bdi>{user.displayName}</bdi>
                <X size={14} aria-hidden />
                <span className="visually-hidden">{strings.delete}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <TextField
        label={label ?? strings.rooms.findPeople}
        hint={hint}
        type="search"
        autoComplete="off"
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <ul className={styles.found} data-quiet={quiet || undefined}>
        {offered?.map((user) => (
          <li key={user.id}>
            <button type="button" className={styles.person} onClick={() => choose(user)}>
              <bdi>{user.displayName}</bdi>
              <bdi className={styles.username}>{user.username}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {offered?.length === 0 && <p className={styles.nobody}>{strings.rooms.noPeople}</p>}
    </div>
  );
}
