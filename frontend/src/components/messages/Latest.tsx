/** The way back to the end, with what has come meanwhile. */
import { ArrowDown } from 'lucide-react';
import { useState } from 'react';
import { strings } from '../../app/strings';
import { useChat, useWatched } from '../../hooks/useChat';
import { useEscape } from '../../hooks/useShell';
import styles from './Timeline.module.css';

export function Latest({ roomId, onClick }: { roomId: string; onClick: () => void }) {
  const chat = useChat();
  const arrivals = useWatched(`timeline:${roomId}`, () => chat.timeline(roomId).arrivals);
  // Mounted when the reader leaves the end: everything that had come by then was there to see.
  const [leftAt] = useState(arrivals);
  const count = arrivals - leftAt;
  useEscape('latest', true, onClick);
  return (
    <button type="button" className={styles.latest} data-new={count > 0 || undefined} onClick={onClick}>
      <ArrowDown size={14} aria-hidden />
      {count > 0 ? strings.messages.newCount(count) : strings.messages.latest}
    </button>
  );
}
