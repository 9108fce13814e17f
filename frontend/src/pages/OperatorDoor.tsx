/** Lets operators in to their page, which is fetched for them only; the server asks again in any case. */
import { type ComponentType, useEffect, useState } from 'react';
import { strings } from '../app/strings';
import { isOperator } from '../chat/operators';
import { NotForYou } from '../components/operator/NotForYou';
import { Button } from '../components/ui/Button';
import { useWatched } from '../hooks/useChat';
import { useTitle } from '../hooks/useTitle';
import styles from './RoomPage.module.css';

type Fetched = { page: ComponentType } | 'failed' | undefined;

export function OperatorDoor() {
  const allowed = useWatched('me', ({ me }) => isOperator(me));
  return allowed ? <Inside /> : <NotForYou />;
}

function Inside() {
  const [fetched, setFetched] = useState<Fetched>();
  useTitle(strings.operator.title);

  function fetchPage() {
    setFetched(undefined);
    import('./OperatorPage').then(
      (module) => setFetched({ page: module.default }),
      () => setFetched('failed'),
    );
  }

  useEffect(fetchPage, []);

  if (fetched === 'failed') {
    return (
      <section className={styles.missing} role="alert">
        <h1 className={styles.missingTitle}>{strings.operator.failed}</h1>
        <div>
          <Button onClick={fetchPage}>{strings.retry}</Button>
        </div>
      </section>
    );
  }
  if (!fetched) return <p className="visually-hidden">{strings.loading}</p>;
  const { page: Page } = fetched;
  return <Page />;
}
