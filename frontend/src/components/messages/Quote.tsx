import { strings } from '../../app/strings';
import { plainWords } from '../../chat/words/words';
import { useChat, useWatched } from '../../hooks/useChat';
import type { ReplyTo } from '../../protocol';
import styles from './Message.module.css';

interface Props {
  roomId: string;
  replyTo: ReplyTo;
  onJump: (messageId: string) => void;
}

/** One line of what is answered, as it now is, and the way to it. */
export function Quote({ roomId, replyTo, onJump }: Props) {
  const chat = useChat();
  const original = useWatched(`message:${replyTo.id}`, () => chat.timeline(roomId).message(replyTo.id));
  const leaving = useWatched(`message:${replyTo.id}`, () => chat.deletions.has(replyTo.id));
  const deleted = leaving || Boolean(original?.deletedAt);
  const text = deleted ? '' : plainWords(original ?? { content: replyTo.excerpt });
  return (
    <button type="button" className={styles.quote} onClick={() => onJump(replyTo.id)}>
      <span className="visually-hidden">{strings.messages.quote(replyTo.author.displayName)}</span>
      <bdi className={styles.quoteAuthor} aria-hidden>
        {replyTo.author.displayName}
      </bdi>
      <bdi className={styles.quoteText}>{text || strings.messages.quoteDeleted}</bdi>
    </button>
  );
}
