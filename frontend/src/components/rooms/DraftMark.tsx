import { Pencil } from 'lucide-react';
import { strings } from '../../app/strings';
import { useWatched } from '../../hooks/useChat';

/** A text was begun in this room and left for another. */
export function DraftMark({ roomId }: { roomId: string }) {
  const begun = useWatched(`draft:${roomId}`, (chat) => chat.drafts.has(roomId));
  if (!begun) return null;
  return (
    <>
      <Pencil size={13} aria-hidden />
      <span className="visually-hidden">{strings.messages.draft}</span>
    </>
  );
}
