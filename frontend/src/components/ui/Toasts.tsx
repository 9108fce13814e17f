/** Short words about what did or did not work, in the corner. */
import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import { toasting } from '../../services/toasting';
import { Said } from './Said';
import styles from './Toasts.module.css';

export default function Toasts() {
  const [manager] = useState(() => Toast.createToastManager());

  useEffect(
    () =>
      toasting.shownBy(({ title, description, urgent, timeout, action, onGone }) => {
        const id = manager.add({
          title: <Said>{title}</Said>,
          description,
          priority: urgent ? 'high' : 'low',
          ...(timeout === undefined ? {} : { timeout }),
          ...(action ? { actionProps: { children: action.label, onClick: action.act } } : {}),
          ...(onGone ? { onClose: onGone } : {}),
        });
        return () => manager.close(id);
      }),
    [manager],
  );

  return (
    <Toast.Provider toastManager={manager}>
      <List />
    </Toast.Provider>
  );
}

function List() {
  const { toasts } = Toast.useToastManager();
  return (
    <Toast.Portal>
      <Toast.Viewport className={styles.viewport}>
        {toasts.map((toast) => (
          <Toast.Root key={toast.id} toast={toast} className={styles.toast}>
            <Toast.Content className={styles.content}>
              <div>
                <Toast.Title className={styles.title} />
                <Toast.Description className={styles.description} />
              </div>
              <Toast.Action className={styles.action} />
              <Toast.Close className={styles.close} aria-label={strings.close}>
                <X size={16} aria-hidden />
              </Toast.Close>
            </Toast.Content>
          </Toast.Root>
        ))}
      </Toast.Viewport>
    </Toast.Portal>
  );
}
