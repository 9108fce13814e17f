import type { Message } from '../../protocol';

/** What a row asks of the timeline around it; the same object for all rows. */
export interface RowVerbs {
  onReply: (message: Message) => void;
  onEdit: (messageId: string) => void;
  onEditDone: () => void;
  onJump: (messageId: string) => void;
  onMarkUnread: (message: Message) => void;
  onDelete: (message: Message) => void;
}
