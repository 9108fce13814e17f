/** What did not work and why, and what can be done: try again, or tell whoever runs the server which request it was. */
import { useState } from 'react';
import { strings } from '../../app/strings';
import { why } from '../../app/why';
import type { Failure } from '../../chat/failure';
import { useTask } from '../../hooks/useTask';
import { Button } from './Button';
import styles from './Trouble.module.css';

interface Props {
  what: string;
  failure: Failure;
  onRetry: () => void;
}

export function Trouble({ what, failure, onRetry }: Props) {
  return (
    <div role="alert" className={styles.trouble}>
      <p className={styles.what}>{what}</p>
      <p>{why(failure)}</p>
      <Button look="plain" className={styles.retry} onClick={onRetry}>
        {strings.retry}
      </Button>
      {failure.requestId && <RequestId id={failure.requestId} />}
    </div>
  );
}

/** The name by which the server's log tells of a request. */
function RequestId({ id }: { id: string }) {
  const [copied, setCopied] = useState(false);
  const { run } = useTask();
  const copy = () => run(() => navigator.clipboard.writeText(id)).then(setCopied);
  return (
    <p className={styles.request}>
      {strings.failures.request} <code className={styles.id}>{id}</code>
      <button type="button" className={styles.copy} onClick={() => void copy()}>
        {copied ? strings.messages.copied : strings.failures.copy}
      </button>
    </p>
  );
}
