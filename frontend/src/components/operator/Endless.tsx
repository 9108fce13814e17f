/** The end of a list that has more: it is fetched as it comes near, or when it is asked for. */
import { useEffect, useRef } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { Button } from '../ui/Button';
import styles from './Lists.module.css';

/** A screen before it is seen. */
const NEAR = '600px';

export function Endless({ onMore }: { onMore: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || !('IntersectionObserver' in window)) return;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) onMore();
      },
      { rootMargin: NEAR },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [onMore]);
  return (
    <div ref={end} className={styles.more}>
      <Button look="plain" onClick={onMore}>
        {operatorStrings().more}
      </Button>
    </div>
  );
}
