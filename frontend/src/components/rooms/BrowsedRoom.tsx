/** A public room as it is offered: what it is about, how many are in it, and the way in. */
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import { useChat, useWatched } from '../../hooks/useChat';
import { useJoin } from '../../hooks/useJoin';
import type { Room } from '../../protocol';
import { Button } from '../ui/Button';
import styles from './BrowsedRoom.module.css';

export function BrowsedRoom({ room }: { room: Room }) {
  const chat = useChat();
  const join = useJoin();
  const joined = useWatched(`room:${room.id}`, () => chat.rooms.get(room.id) !== undefined);

  return (
    <li className={styles.room}>
      <div className={styles.about}>
        <Link href={`/r/${room.id}`} className={styles.name}>
          <bdi>{room.name}</bdi>
        </Link>
        {room.topic && (
          <p className={styles.topic}>
            <bdi>{room.topic}</bdi>
          </p>
        )}
      </div>
      <span className={styles.count}>{strings.people(room.memberCount)}</span>
      {joined ? (
        <span className={styles.joined}>{strings.rooms.joined}</span>
      ) : (
        <Button look="plain" aria-label={strings.rooms.joinNamed(room.name ?? '')} onClick={() => join(room)}>
          {strings.rooms.join}
        </Button>
      )}
    </li>
  );
}
