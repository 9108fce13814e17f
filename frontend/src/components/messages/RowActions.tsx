/** What can be done with a message, over its corner while it is pointed at or focused. */
import { Menu } from '@base-ui/react/menu';
import { Popover } from '@base-ui/react/popover';
import { CopyIcon, Ellipsis, Link, MailOpen, Pencil, Reply, SmilePlus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import { hasReacted } from '../../chat/reactions';
import { useChat } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { Message } from '../../protocol';
import { Confirm } from '../ui/Confirm';
import { IconButton } from '../ui/IconButton';
import menu from '../ui/Menu.module.css';
import styles from './RowActions.module.css';

/** A few that say most of what reactions say. */
const PALETTE = ['👍', '❤️', '😂', '🎉', '🙏', '👀', '✅', '😢'] as const;

interface RowPermissions {
  write: boolean;
  edit: boolean;
  delete: boolean;
}

interface Props {
  message: Message;
  may: RowPermissions;
  onReply: (message: Message) => void;
  onEdit: (messageId: string) => void;
  /** Something of this row is open elsewhere on the page, so the row must not close. */
  onHold: (held: boolean) => void;
  onMarkUnread: (message: Message) => void;
}

export function RowActions({ message, may, onReply, onEdit, onHold, onMarkUnread }: Props) {
  const chat = useChat();
  const { run } = useTask();
  const [picking, setPicking] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const [asking, setAsking] = useState(false);
  const held = picking || choosing || asking;

  useEffect(() => onHold(held), [held, onHold]);

  function pick(emoji: string) {
    setPicking(false);
    const mine = hasReacted(message.reactions, emoji, chat.me.id);
    void run(() => chat.reacting.react(message, emoji, !mine));
  }

  return (
    <div
      className={styles.actions}
      role="toolbar"
      aria-label={strings.messages.actions(message.author.displayName)}
    >
      {may.write && (
        <Popover.Root open={picking} onOpenChange={setPicking}>
          <Popover.Trigger
            className={styles.button}
            aria-keyshortcuts="+"
            aria-label={strings.messages.react}
            title={strings.messages.react}
          >
            <SmilePlus size={16} aria-hidden />
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Positioner className={menu.positioner} side="top" align="end" sideOffset={4}>
              <Popover.Popup className={styles.palette} aria-label={strings.messages.react}>
                {PALETTE.map((emoji) => (
                  <button key={emoji} type="button" className={styles.emoji} onClick={() => pick(emoji)}>
                    {emoji}
                  </button>
                ))}
              </Popover.Popup>
            </Popover.Positioner>
          </Popover.Portal>
        </Popover.Root>
      )}
      {may.write && (
        <IconButton label={strings.messages.reply} aria-keyshortcuts="r" onClick={() => onReply(message)}>
          <Reply size={16} aria-hidden />
        </IconButton>
      )}
      {may.edit && (
        <IconButton label={strings.messages.edit} aria-keyshortcuts="e" onClick={() => onEdit(message.id)}>
          <Pencil size={16} aria-hidden />
        </IconButton>
      )}
      <Menu.Root open={choosing} onOpenChange={setChoosing}>
        <Menu.Trigger
          className={styles.button}
          aria-label={strings.messages.more}
          title={strings.messages.more}
        >
          <Ellipsis size={16} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className={menu.positioner} align="end" sideOffset={4}>
            <Menu.Popup className={menu.popup}>
              <Menu.Item
                className={menu.item}
                onClick={() => void run(() => navigator.clipboard.writeText(message.content))}
              >
                <CopyIcon size={16} aria-hidden />
                {strings.messages.copy}
              </Menu.Item>
              <Menu.Item
                className={menu.item}
                onClick={() => void run(() => navigator.clipboard.writeText(addressOf(message)))}
              >
                <Link size={16} aria-hidden />
                {strings.messages.copyLink}
              </Menu.Item>
              {may.write && (
                <Menu.Item className={menu.item} onClick={() => onMarkUnread(message)}>
                  <MailOpen size={16} aria-hidden />
                  {strings.messages.markUnread}
                </Menu.Item>
              )}
              {may.delete && (
                <Menu.Item className={`${menu.item} ${menu.danger}`} onClick={() => setAsking(true)}>
                  <Trash2 size={16} aria-hidden />
                  {strings.delete}
                </Menu.Item>
              )}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <Confirm
        open={asking}
        title={strings.messages.deleteTitle}
        description={strings.messages.deleteHint}
        action={strings.delete}
        onConfirm={() => void run(() => chat.delete(message))}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

function addressOf({ roomId, id }: Message): string {
  return new URL(`/r/${roomId}/m/${id}`, location.href).href;
}
