import type { RefObject } from 'react';
import { strings } from '../../app/strings';
import styles from './Forms.module.css';

interface Props {
  ref: RefObject<HTMLDivElement | null>;
  problem: string | undefined;
  errors: Record<string, string | undefined>;
  labels: Record<string, string>;
}

/** Lists what is wrong, with the way to each field. */
export function ErrorSummary({ ref, problem, errors, labels }: Props) {
  const fields = Object.entries(errors).filter(([, message]) => message);
  if (!problem && fields.length === 0) return null;
  return (
    <div ref={ref} className={styles.summary} role="alert" tabIndex={-1}>
      <p className={styles.summaryTitle}>{problem ?? strings.session.summary(fields.length)}</p>
      {fields.length > 0 && (
        <ul>
          {fields.map(([field, message]) => (
            <li key={field}>
              <a href={`#${field}`}>{labels[field] ?? field}</a>: {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
