/** What a part of the page shows while it has nothing to show: it failed, or there is nothing. */
import { operatorStrings } from '../../app/operatorStrings';
import type { Failure } from '../../chat/failure';
import { Trouble } from '../ui/Trouble';
import { NotForYou } from './NotForYou';
import styles from './States.module.css';

/** Whoever was an operator until a moment ago is told whom the page is for. */
export function Failed({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  if (failure.code === 'forbidden') return <NotForYou />;
  return (
    <div className={styles.failed}>
      <Trouble what={operatorStrings().failed} failure={failure} onRetry={onRetry} />
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
