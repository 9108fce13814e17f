/** Presence by shape as well as colour: filled, ring, crossed. */
import { strings } from '../../app/strings';
import type { PresenceStatus } from '../../protocol';
import styles from './PresenceDot.module.css';

export function PresenceDot({ status }: { status: PresenceStatus }) {
  return (
    <svg
      className={styles[status]}
      width="10"
      height="10"
      viewBox="0 0 10 10"
      role="img"
      aria-label={strings.presence[status]}
    >
      {status === 'online' && <circle cx="5" cy="5" r="4" fill="currentColor" />}
      {status === 'away' && <circle cx="5" cy="5" r="3" fill="none" stroke="currentColor" strokeWidth="2" />}
      {(status === 'offline' || status === 'unknown') && (
        <path d="M2.5 2.5l5 5m0-5l-5 5" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
      )}
    </svg>
  );
}
