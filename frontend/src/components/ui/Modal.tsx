/** A dialog with a title, opened and closed by its owner. */
import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { strings } from '../../app/strings';
import { useFocusBack } from '../../hooks/useFocusBack';
import styles from './Modal.module.css';
import { Said } from './Said';

export interface OverlayProps {
  open: boolean;
  onClose: () => void;
  /** Who has the focus afterwards, when it is not whoever had it before; `false` leaves it alone. */
  returnTo?: () => HTMLElement | null | false;
  /** What was typed for it before it was there. */
  typed?: string;
}

interface Props extends OverlayProps {
  title: string;
  description?: string;
  /** For what has columns. */
  wide?: boolean;
  children: ReactNode;
}

export function Modal({ open, onClose, returnTo, title, description, wide, children }: Props) {
  const popup = useFocusBack(open, returnTo);
  return (
    <Dialog.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Popup className={styles.popup} data-modal data-wide={wide || undefined} {...popup}>
          <Dialog.Title className={styles.title}>{title}</Dialog.Title>
          {description && (
            <Dialog.Description className={styles.description}>
              <Said>{description}</Said>
            </Dialog.Description>
          )}
          {children}
          {/* Last, so that the first that takes the focus is what one came for. */}
          <Dialog.Close className={styles.close} aria-label={strings.close}>
            <X size={18} aria-hidden />
          </Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
