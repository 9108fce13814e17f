/** What to do next, for somebody who has no room open: make one, or look for one. */
import { useState } from 'react';
import { Link } from 'wouter';
import { strings } from '../../app/strings';
import { Button } from '../ui/Button';
import { CreateRoom } from './CreateRoom';
import styles from './FirstSteps.module.css';

export function FirstSteps({ title, hint }: { title: string; hint: string }) {
  const [creating, setCreating] = useState(false);
  return (
    <>
      <h1 className={styles.title}>{title}</h1>
      <p className={styles.hint}>{hint}</p>
      <div className={styles.actions}>
        <Button onClick={() => setCreating(true)}>{strings.rooms.create}</Button>
        <Link href="/browse" className={styles.browse}>
          {strings.rooms.browse}
        </Link>
      </div>
      <CreateRoom open={creating} onClose={() => setCreating(false)} />
    </>
  );
}
