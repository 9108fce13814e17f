import { strings } from '../../app/strings';
import { useChat } from '../../hooks/useChat';
import { useConnectionNotice } from '../../hooks/useConnectionNotice';
import styles from './ConnectionBar.module.css';

/** Lies over the page, so that coming and going moves nothing. */
export function ConnectionBar() {
  const chat = useChat();
  const notice = useConnectionNotice();
  return (
    <div className={styles.place} role="status">
      {notice && (
        <div className={styles.bar}>
          <span>
            {notice.phase === 'waiting' ? (
              <>
                <span className="visually-hidden">{strings.connection.connecting}</span>
                <span aria-hidden>{strings.connection.waiting(notice.seconds)}</span>
              </>
            ) : (
              strings.connection.connecting
            )}
          </span>
          <button type="button" className={styles.retry} onClick={() => chat.connection.retryNow()}>
            {strings.connection.retryNow}
          </button>
        </div>
      )}
    </div>
  );
}
