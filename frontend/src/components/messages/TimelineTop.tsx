/** What stands above the first message: the beginning of the room, or the way to it. */
import { strings } from '../../app/strings';
import { useChat, useWatched } from '../../hooks/useChat';
import type { Room } from '../../protocol';
import { Button } from '../ui/Button';
import { Said } from '../ui/Said';
import styles from './Timeline.module.css';

export function TimelineTop({ room, name }: { room: Room; name: string }) {
  const chat = useChat();
  const begins = useWatched(`timeline:${room.id}`, () => chat.timeline(room.id).reachesStart);
  const empty = useWatched(`timeline:${room.id}`, () => chat.timeline(room.id).items.length === 0);
  const progress = useWatched(`history:${room.id}`, () => chat.history.progress(room.id));
  const failed = progress.failures.has('older') || (empty && progress.failures.has('newest'));

  if (begins) {
    return (
      <div className={styles.begin}>
        <p className={styles.beginTitle}>
          <Said>
            {room.kind === 'direct' ? strings.messages.startDirect(name) : strings.messages.start(name)}
          </Said>
        </p>
        {empty && room.kind !== 'direct' && <p>{room.topic || strings.messages.startHint}</p>}
      </div>
    );
  }
  if (failed) {
    return (
      <div className={styles.top} role="alert">
        {strings.messages.loadFailed}
        <Button look="plain" onClick={() => void chat.history.older(room.id)}>
          {strings.retry}
        </Button>
      </div>
    );
  }
  return (
    <div className={styles.top} data-empty={empty || undefined}>
      <span className="visually-hidden">{strings.loading}</span>
      <span className={styles.skeleton} aria-hidden />
      <span className={styles.skeleton} aria-hidden />
      <span className={styles.skeleton} aria-hidden />
    </div>
  );
}
