/** Every public room, to look for one and join it. */
import { ArrowLeft } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { strings } from '../app/strings';
import { Failure } from '../chat/failure';
import { BrowsedRoom } from '../components/rooms/BrowsedRoom';
import browsed from '../components/rooms/BrowsedRoom.module.css';
import { Button } from '../components/ui/Button';
import { Skeleton } from '../components/ui/Skeleton';
import { TextField } from '../components/ui/TextField';
import { Trouble } from '../components/ui/Trouble';
import { useTitle } from '../hooks/useTitle';
import type { Room } from '../protocol';
import { api } from '../services/api';
import styles from './BrowsePage.module.css';

/** Long enough that a word is typed whole, short enough not to be noticed. */
const SEARCH_AFTER_MS = 150;

export function BrowsePage() {
  const [words, setWords] = useState('');
  const [rooms, setRooms] = useState<Room[]>();
  const [cursor, setCursor] = useState<string | null>();
  const [failure, setFailure] = useState<Failure>();
  const [attempt, setAttempt] = useState(0);
  useTitle(strings.rooms.browse);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again for the same words.
  useEffect(() => {
    let current = true;
    const timer = setTimeout(async () => {
      try {
        const list = await api.browseRooms(words.trim());
        if (!current) return;
        setRooms(list.rooms);
        setCursor(list.nextCursor);
        setFailure(undefined);
      } catch (thrown) {
        if (current) setFailure(Failure.from(thrown));
      }
    }, SEARCH_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words, attempt]);

  async function more(from: string) {
    try {
      const list = await api.browseRooms(words.trim(), from);
      setRooms((known) => [...(known ?? []), ...list.rooms]);
      setCursor(list.nextCursor);
    } catch (thrown) {
      setFailure(Failure.from(thrown));
    }
  }

  return (
    <section className={styles.page} data-region="page">
      <header className={styles.head}>
        <Link href="/" className={styles.back} aria-label={strings.back}>
          <ArrowLeft size={18} aria-hidden />
        </Link>
        <div>
          <h1 className={styles.title}>{strings.rooms.browse}</h1>
          <p className={styles.intro}>{strings.rooms.browseIntro}</p>
        </div>
      </header>
      <TextField
        label={strings.rooms.search}
        type="search"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {failure && (
        <Trouble
          what={strings.rooms.searchFailed}
          failure={failure}
          onRetry={() => {
            setFailure(undefined);
            setAttempt(attempt + 1);
          }}
        />
      )}
      {!rooms && !failure && <Skeleton shape="list" />}
      <ul className={browsed.list} aria-label={strings.rooms.rooms}>
        {rooms?.map((room) => (
          <BrowsedRoom key={room.id} room={room} />
        ))}
      </ul>
      {rooms?.length === 0 && (
        <p className={styles.intro}>{words ? strings.rooms.noRooms : strings.rooms.none}</p>
      )}
      {cursor && (
        <Button look="plain" onClick={() => void more(cursor)}>
          {strings.messages.more}
        </Button>
      )}
    </section>
  );
}
