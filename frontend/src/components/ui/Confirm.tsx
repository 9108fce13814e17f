/** Asks once before something that cannot be undone. */
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { strings } from '../../app/strings';
import { Button } from './Button';
import styles from './Modal.module.css';

interface Props {
  open: boolean;
  title: string;
  description: string;
  action: string;
  /** `danger` unless nothing is lost by it. */
  look?: 'danger' | 'primary';
  onConfirm: () => void;
  onClose: () => void;
}

export function Confirm({ open, title, description, action, look = 'danger', onConfirm, onClose }: Props) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.backdrop} />
        <AlertDialog.Popup className={styles.popup}>
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
