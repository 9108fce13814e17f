/** There is nothing here for whoever came, and where to go on. */
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import styles from './NotHere.module.css';

interface Props {
  title: string;
  hint: string;
}

export function NotHere({ title, hint }: Props) {
  return (
    <section className={styles.place} data-region="page">
      <h1 className={styles.title}>{title}</h1>
      <p>{hint}</p>
      <p className={styles.onward}>
        <Link href="/">{strings.back}</Link>
      </p>
    </section>
  );
}
