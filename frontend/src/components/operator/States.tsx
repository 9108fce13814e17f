/** What a part of the page shows while it has nothing to show: it failed, or there is nothing. */
import { Copy } from 'lucide-react';
import { operatorStrings } from '../../app/operatorStrings';
import { strings } from '../../app/strings';
import type { Failure } from '../../chat/failure';
import { toasting } from '../../services/toasting';
import { Button } from '../ui/Button';
import { NotForYou } from './NotForYou';
import styles from './States.module.css';

export function Trouble({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  const words = operatorStrings();
  const { requestId } = failure;
  if (failure.code === 'forbidden') return <NotForYou />;

  async function copy(id: string) {
    await navigator.clipboard.writeText(id);
    toasting.say({ title: strings.messages.copied });
  }

  return (
    <div className={styles.trouble} role="alert">
      <p className={styles.title}>{words.failed}</p>
      <p className={styles.hint}>
        <bdi>{failure.message}</bdi>
      </p>
      <div className={styles.actions}>
        <Button look="plain" onClick={onRetry}>
          {strings.retry}
        </Button>
        {requestId && (
          <button
            type="button"
            className={styles.request}
            aria-label={words.copyRequest}
            onClick={() => void copy(requestId).catch(() => undefined)}
          >
            {words.request} <code dir="ltr">{requestId}</code>
            <Copy size={14} aria-hidden />
          </button>
        )}
      </div>
    </div>
  );
}

export function Nothing({ title, hint }: { title: string; hint?: string | undefined }) {
  return (
    <div className={styles.nothing}>
      <p className={styles.title}>{title}</p>
      {hint && <p className={styles.hint}>{hint}</p>}
    </div>
  );
}
