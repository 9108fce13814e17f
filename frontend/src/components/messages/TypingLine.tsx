import { strings } from '../../app/strings';
import { useChat, useWatched } from '../../hooks/useChat';
import { Said } from '../ui/Said';
import styles from './TypingLine.module.css';

/** Its line is always there, so that nothing moves when someone begins to type. */
export function TypingLine({ roomId }: { roomId: string }) {
  const chat = useChat();
  const typists = useWatched(`typing:${roomId}`, () => chat.typing.typists(roomId));
  const names = typists.flatMap((id) => chat.people.user(id)?.displayName ?? []);
  return <p className={styles.line}>{names.length > 0 && <Said>{strings.messages.typing(names)}</Said>}</p>;
}
