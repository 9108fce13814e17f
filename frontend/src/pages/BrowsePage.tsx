/** Every public room, to look for one and join it. */
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { strings } from '../app/strings';
import { BrowsedRoom } from '../components/rooms/BrowsedRoom';
import browsed from '../components/rooms/BrowsedRoom.module.css';
import { Button } from '../components/ui/Button';
import { Skeleton } from '../components/ui/Skeleton';
import { TextField } from '../components/ui/TextField';
import { Trouble } from '../components/ui/Trouble';
import { usePages } from '../hooks/usePages';
import { useTitle } from '../hooks/useTitle';
import { api } from '../services/api';
import styles from './BrowsePage.module.css';

export function BrowsePage() {
  const [words, setWords] = useState('');
  const asked = words.trim();
  const { items, failure, hasMore, more, retry } = usePages(asked, async (cursor) => {
    const { rooms, nextCursor } = await api.browseRooms(asked, cursor);
    return { items: rooms, nextCursor };
  });
  useTitle(strings.rooms.browse);

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
      {failure && <Trouble what={strings.rooms.searchFailed} failure={failure} onRetry={retry} />}
      {!items && !failure && <Skeleton shape="list" />}
      <ul className={browsed.list} aria-label={strings.rooms.rooms}>
        {items?.map((room) => (
          <BrowsedRoom key={room.id} room={room} />
        ))}
      </ul>
      {items?.length === 0 && (
        <p className={styles.intro}>{words ? strings.rooms.noRooms : strings.rooms.none}</p>
      )}
      {hasMore && (
        <Button look="plain" onClick={more}>
          {strings.messages.more}
        </Button>
      )}
    </section>
  );
}
