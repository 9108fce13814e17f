import { strings } from '../../app/strings';
import { useExcerpt } from '../../hooks/useExcerpt';
import type { ReplyTo } from '../../protocol';
import styles from './Message.module.css';

interface Props {
  roomId: string;
  replyTo: ReplyTo;
  onJump: (messageId: string) => void;
}

/** One line of what is answered, as it now is, and the way to it. */
export function Quote({ roomId, replyTo, onJump }: Props) {
  const text = useExcerpt(roomId, replyTo);
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
