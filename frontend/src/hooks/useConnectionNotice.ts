/** What to say about the connection: nothing for as long as it may heal by itself. */
import { useEffect, useState } from 'react';
import { useWatched } from './useChat';

const QUIET_MS = 2_000;

export function useConnectionNotice(): { phase: 'connecting' | 'waiting'; seconds: number } | undefined {
  const status = useWatched('connection', (chat) => chat.connection.status);
  const [now, setNow] = useState(() => Date.now());
  const lost = status.phase === 'connecting' || status.phase === 'waiting';

  useEffect(() => {
    if (!lost) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [lost]);

  if (!lost || now - status.lostAt < QUIET_MS) return undefined;
  const seconds = status.phase === 'waiting' ? Math.max(1, Math.ceil((status.retryAt - now) / 1_000)) : 0;
  return { phase: status.phase, seconds };
}
