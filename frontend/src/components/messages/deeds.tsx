/** What can be done with a message, by a button, in a menu or on a sheet. */
import { CopyIcon, Link, MailOpen, Pencil, Reply, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { strings } from '../../app/strings';
import { useTask } from '../../hooks/useTask';
import type { Message } from '../../protocol';
import type { RowVerbs } from './verbs';

export interface RowPermissions {
  write: boolean;
  edit: boolean;
  delete: boolean;
}

export interface Deed {
  readonly id: string;
  readonly name: string;
  readonly icon: ReactNode;
  /** The key that does it while the message has the focus. */
  readonly key?: string;
  readonly danger?: boolean;
  readonly run: () => void;
}

/** Those that are done often, and all the others. */
export function useDeeds(
  message: Message,
  may: RowPermissions,
  verbs: RowVerbs,
): [often: Deed[], rest: Deed[]] {
  const { run } = useTask();
  const copy = (text: string) => void run(() => navigator.clipboard.writeText(text));
  const { messages: words } = strings;
  const often: (Deed | false)[] = [
    may.write && {
      id: 'reply',
      name: words.reply,
      icon: <Reply size={16} aria-hidden />,
      key: 'r',
      run: () => verbs.onReply(message),
    },
    may.edit && {
      id: 'edit',
      name: words.edit,
      icon: <Pencil size={16} aria-hidden />,
      key: 'e',
      run: () => verbs.onEdit(message.id),
    },
  ];
  const rest: (Deed | false)[] = [
    {
      id: 'copy',
      name: words.copy,
      icon: <CopyIcon size={16} aria-hidden />,
      run: () => copy(message.content),
    },
    {
      id: 'copyLink',
      name: words.copyLink,
      icon: <Link size={16} aria-hidden />,
      run: () => copy(addressOf(message)),
    },
    may.write && {
      id: 'markUnread',
      name: words.markUnread,
      icon: <MailOpen size={16} aria-hidden />,
      run: () => verbs.onMarkUnread(message),
    },
    may.delete && {
      id: 'delete',
      name: strings.delete,
      icon: <Trash2 size={16} aria-hidden />,
      danger: true,
      run: () => verbs.onDelete(message),
    },
  ];
  return [often.filter((deed) => deed !== false), rest.filter((deed) => deed !== false)];
}

function addressOf({ roomId, id }: Message): string {
  return new URL(`/r/${roomId}/m/${id}`, location.href).href;
}
