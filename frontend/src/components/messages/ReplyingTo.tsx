import { X } from 'lucide-react';
import { strings } from '../../app/strings';
import { useExcerpt } from '../../hooks/useExcerpt';
import type { ReplyTo } from '../../protocol';
import { IconButton } from '../ui/IconButton';
import { Said } from '../ui/Said';
import styles from './Composer.module.css';

interface Props {
  roomId: string;
  replyTo: ReplyTo;
  onCancel: () => void;
}

/** What is being answered, as it now is. Also what was deleted can be answered: its place is still there. */
export function ReplyingTo({ roomId, replyTo, onCancel }: Props) {
  const text = useExcerpt(roomId, replyTo);
  return (
    <div className={styles.reply}>
      <span className={styles.replyText}>
        <strong>
          <Said>{strings.messages.replyingTo(replyTo.author.displayName)}</Said>
        </strong>{' '}
        <bdi>{text || strings.messages.quoteDeleted}</bdi>
      </span>
      <IconButton label={strings.messages.cancelReply} onClick={onCancel}>
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}
