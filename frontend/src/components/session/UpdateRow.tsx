/** Says that a newer release is ready, and leaves it to the user when to go over to it. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { strings } from '../../app/strings';
import { useWatched } from '../../hooks/useChat';
import { release } from '../../services/release';
import styles from './UpdateRow.module.css';

export function UpdateRow() {
  const ready = useSyncExternalStore(release.subscribe, release.ready);
  const online = useWatched('connection', (chat) => chat.connection.status.phase === 'open');

  // A server that was away may have come back as another release.
  const wasOnline = useRef(false);
  useEffect(() => {
    if (online && wasOnline.current) release.look();
    wasOnline.current ||= online;
  }, [online]);

  return (
    <div role="status">
      {ready && (
        <p className={styles.row}>
          {strings.update.ready}
          <button type="button" className={styles.use} onClick={() => release.use()}>
            {strings.update.restart}
          </button>
        </p>
      )}
    </div>
  );
}
