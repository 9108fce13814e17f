/** A part of the program did not come. The page begins anew by itself once the server is there. */
import { useCallback, useState } from 'react';
import { strings } from '../../app/strings';
import { Failure } from '../../chat/failure';
import { useAskedAgain } from '../../hooks/useAskedAgain';
import { startAnew } from '../../services/anew';
import styles from './NotHere.module.css';
import { Trouble } from './Trouble';

export function Incomplete() {
  const [failure, setFailure] = useState(() => new Failure('disconnected', strings.session.incomplete));
  const retry = useCallback(() => {
    startAnew().catch((thrown: unknown) => setFailure(Failure.from(thrown)));
  }, []);
  useAskedAgain(retry, failure);
  return (
    <section className={styles.place} data-region="page">
      <Trouble what={strings.session.incomplete} failure={failure} onRetry={retry} />
    </section>
  );
}
