/** What to do next, for somebody who has no room open: make one, or look for one. */
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import { useShell } from '../../hooks/useShell';
import { Button } from '../ui/Button';
import styles from './FirstSteps.module.css';

export function FirstSteps({ title, hint }: { title: string; hint: string }) {
  const { show } = useShell();
  return (
    <>
      <h1 className={styles.title}>{title}</h1>
      <p className={styles.hint}>{hint}</p>
      <div className={styles.actions}>
        <Button onClick={() => show('createRoom')}>{strings.rooms.create}</Button>
        <Link href="/browse" className={styles.browse}>
          {strings.rooms.browse}
        </Link>
      </div>
    </>
  );
}
