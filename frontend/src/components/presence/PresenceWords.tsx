/** Whether somebody is there, in words; and of whoever is not, since when. */
import { strings } from '../../app/strings';
import { timeSince } from '../../hooks/dates';
import { useChat, useWatched } from '../../hooks/useChat';
import { useNow } from '../../hooks/useNow';

export function PresenceWords({ userId }: { userId: string }) {
  const chat = useChat();
  const status = useWatched(`presence:${userId}`, () => chat.people.status(userId));
  const seenAt = useWatched(`presence:${userId}`, () => chat.people.lastSeenAt(userId));
  const now = useNow();
  if (status !== 'offline' || !seenAt) return strings.presence[status];
  const since = timeSince(Date.parse(seenAt), now);
  return since === undefined ? strings.presence.seenNow : strings.presence.seen(since);
}
