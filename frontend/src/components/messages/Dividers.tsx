/** What stands between messages: days, the line above what is new, and gaps. */
import { strings } from '../../app/strings';
import type { TimelineItem } from '../../chat/timeline';
import { longDay, timeOfDay } from '../../hooks/dates';
import { useChat, useWatched } from '../../hooks/useChat';
import { Button } from '../ui/Button';
import styles from './Dividers.module.css';

export function DayRow({ rowKey, date }: { rowKey: string; date: Date }) {
  return (
    <li className={styles.day} data-key={rowKey} data-day>
      <h2 className={styles.dayName}>{longDay(date)}</h2>
    </li>
  );
}

export function UnreadRow({ since }: { since: string }) {
  return (
    <li className={styles.unread} data-key="unread">
      <span className={styles.label}>{strings.messages.newSince(timeOfDay(new Date(since)))}</span>
    </li>
  );
}

interface GapProps {
  roomId: string;
  gap: Extract<TimelineItem, { kind: 'gap' }>;
}

/** Loads by itself when it comes into view; the button is for when that failed. */
export function GapRow({ roomId, gap }: GapProps) {
  const chat = useChat();
  const loading = useWatched(`history:${roomId}`, () => chat.history.progress(roomId).loading.has(gap.key));
  return (
    <li className={styles.gap} data-key={gap.key} data-gap>
      <span>{gap.before ? strings.messages.missing : strings.messages.newer}</span>
      <Button look="plain" disabled={loading} onClick={() => void chat.history.gap(roomId, gap, 'after')}>
        {strings.messages.loadMissing}
      </Button>
    </li>
  );
}
