/** A number with its name, in a list of such. */
import { operatorStrings } from '../../app/operatorStrings';
import type { Level } from '../../stats/levels';
import styles from './Fact.module.css';

interface Props {
  name: string;
  /** Not known if absent. */
  value: string | undefined;
  level?: Level;
}

export function Fact({ name, value, level = 'calm' }: Props) {
  return (
    <div className={styles.fact} data-level={level}>
      <dt>{name}</dt>
      <dd>
        <bdi>{value ?? operatorStrings().notKnown}</bdi>
      </dd>
    </div>
  );
}
