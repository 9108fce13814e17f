/** For those who come to the operator's page and are no operators. */
import { DoorClosed } from 'lucide-react';
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import { useTitle } from '../../hooks/useTitle';
import styles from './NotForYou.module.css';

export function NotForYou() {
  useTitle(strings.operator.title);
  return (
    <section className={styles.page} data-region="page">
      <DoorClosed size={28} strokeWidth={1.5} aria-hidden className={styles.sign} />
      <h1 className={styles.title}>{strings.operator.notForYou}</h1>
      <p className={styles.hint}>{strings.operator.notForYouHint}</p>
      <Link href="/" className={styles.back}>
        {strings.back}
      </Link>
    </section>
  );
}
