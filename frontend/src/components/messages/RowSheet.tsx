/** What can be done with a message, where there is no mouse to point at it: a long press opens this. */
import { Dialog } from '@base-ui/react/dialog';
import { useRef } from 'react';
import { strings } from '../../app/strings';
import { useReact } from '../../hooks/useReact';
import type { Message } from '../../protocol';
import modal from '../ui/Modal.module.css';
import { type RowPermissions, useDeeds } from './deeds';
import { EmojiChoice } from './EmojiChoice';
import styles from './RowSheet.module.css';
import type { RowVerbs } from './verbs';

export interface RowSheetProps {
  message: Message;
  may: RowPermissions;
  verbs: RowVerbs;
  onClose: () => void;
}

export default function RowSheet({ message, may, verbs, onClose }: RowSheetProps) {
  const react = useReact(message);
  const [often, rest] = useDeeds(message, may, verbs);
  /** The finger that opened the sheet is still down, and must not close it when it leaves. */
  const pressed = useRef(false);
  return (
    <Dialog.Root
      open
      disablePointerDismissal
      onOpenChange={(open, { reason }) => !open && reason === 'escape-key' && onClose()}
    >
      <Dialog.Portal>
        <Dialog.Backdrop
          className={modal.backdrop}
          onPointerDown={() => {
            pressed.current = true;
          }}
          onClick={() => pressed.current && onClose()}
        />
        <Dialog.Popup
          className={styles.sheet}
          aria-label={strings.messages.actions(message.author.displayName)}
          // What was chosen says where one goes on.
          finalFocus={false}
        >
          {may.write && (
            <EmojiChoice
              onPick={(emoji) => {
                onClose();
                react(emoji);
              }}
            />
          )}
          {[...often, ...rest].map(({ id, name, icon, danger, run }) => (
            <button
              key={id}
              type="button"
              className={styles.deed}
              data-danger={danger || undefined}
              onClick={() => {
                onClose();
                run();
              }}
            >
              {icon}
              {name}
            </button>
          ))}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
