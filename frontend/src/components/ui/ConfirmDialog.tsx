/** What `Confirm` asks with. */
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { strings } from '../../app/strings';
import { useFocusBack } from '../../hooks/useFocusBack';
import { Button } from './Button';
import type { Question } from './Confirm';
import styles from './Modal.module.css';
import { Said } from './Said';

export default function ConfirmDialog({
  open,
  title,
  description,
  action,
  look = 'danger',
  onConfirm,
  onClose,
  returnTo,
}: Question) {
  const popup = useFocusBack(open, returnTo);
  return (
    <AlertDialog.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.backdrop} />
        <AlertDialog.Popup className={styles.popup} data-modal {...popup}>
          <AlertDialog.Title className={styles.title}>
            <Said>{title}</Said>
          </AlertDialog.Title>
          <AlertDialog.Description className={styles.description}>
            <Said>{description}</Said>
          </AlertDialog.Description>
          <div className={styles.actions}>
            <AlertDialog.Close render={<Button look="plain" />}>{strings.cancel}</AlertDialog.Close>
            <Button
              look={look}
              onClick={() => {
                onClose();
                onConfirm();
              }}
            >
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
