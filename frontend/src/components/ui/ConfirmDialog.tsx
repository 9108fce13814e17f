/** What `Confirm` asks with. */
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { strings } from '../../app/strings';
import { Button } from './Button';
import type { Question } from './Confirm';
import styles from './Modal.module.css';

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
  return (
    <AlertDialog.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.backdrop} />
        <AlertDialog.Popup
          className={styles.popup}
          {...(returnTo && { finalFocus: () => returnTo() ?? true })}
        >
          <AlertDialog.Title className={styles.title}>{title}</AlertDialog.Title>
          <AlertDialog.Description className={styles.description}>{description}</AlertDialog.Description>
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
