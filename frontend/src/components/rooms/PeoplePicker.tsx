/** Finds people by name and gathers the chosen ones. */
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import { useChat } from '../../hooks/useChat';
import type { User } from '../../protocol';
import { api } from '../../services/api';
import { TextField } from '../ui/TextField';
import styles from './Forms.module.css';

interface Props {
  chosen: readonly User[];
  onChange: (chosen: User[]) => void;
  /** People who need not be offered. */
  without?: ReadonlySet<string>;
}

const SEARCH_AFTER_MS = 150;
const SHOWN = 8;

export function PeoplePicker({ chosen, onChange, without }: Props) {
  const { me } = useChat();
  const [words, setWords] = useState('');
  const [found, setFound] = useState<User[]>();

  useEffect(() => {
    let current = true;
    const timer = setTimeout(async () => {
      const users = await api.findUsers(words.trim()).then(
        (list) => list.users,
        () => [],
      );
      if (current) setFound(users);
    }, SEARCH_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words]);

  const offered = found
    ?.filter(
      (user) => user.id !== me.id && !without?.has(user.id) && !chosen.some((one) => one.id === user.id),
    )
    .slice(0, SHOWN);

  return (
    <div className={styles.form}>
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
        label={strings.rooms.findPeople}
        type="search"
        autoComplete="off"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <ul className={styles.found}>
        {offered?.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              className={styles.person}
              onClick={() => {
                onChange([...chosen, user]);
                setWords('');
              }}
            >
              <bdi>{user.displayName}</bdi>
              <span className={styles.username}>{user.username}</span>
            </button>
          </li>
        ))}
      </ul>
      {offered?.length === 0 && <p className={styles.nobody}>{strings.rooms.noPeople}</p>}
    </div>
  );
}
