import { useState } from 'react';
import { Link } from 'wouter';
import { strings } from '../app/strings';
import { CreateRoom } from '../components/rooms/CreateRoom';
import { Button } from '../components/ui/Button';
import { useWatched } from '../hooks/useChat';
import { useTitle } from '../hooks/useTitle';
import styles from './HomePage.module.css';

export function HomePage() {
  const empty = useWatched('rooms', (chat) => chat.rooms.list.length === 0);
  const [creating, setCreating] = useState(false);
  useTitle(undefined);
  return (
    <section className={styles.page}>
      <h1 className={styles.title}>{empty ? strings.rooms.emptyTitle : strings.rooms.chooseTitle}</h1>
      <p className={styles.hint}>{empty ? strings.rooms.emptyHint : strings.rooms.chooseHint}</p>
      <div className={styles.actions}>
        <Button onClick={() => setCreating(true)}>{strings.rooms.create}</Button>
        <Link href="/browse" className={styles.browse}>
          {strings.rooms.browse}
        </Link>
      </div>
      <CreateRoom open={creating} onClose={() => setCreating(false)} />
    </section>
  );
}
