/** The six numbers that say how the server is. */
import { operatorStrings } from '../../app/operatorStrings';
import { shownCount, shownShare, shownTime } from '../../hooks/numbers';
import type { Figure, FigureName } from '../../stats/levels';
import styles from './Figures.module.css';
import { Sparkline } from './Sparkline';

const SHOWN: Readonly<Record<FigureName, (value: number) => string>> = {
  connections: shownCount,
  messages: shownCount,
  deliveries: shownCount,
  latency: shownTime,
  errors: shownShare,
  queue: shownCount,
};

export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <ul className={styles.figures} aria-label={operatorStrings().figuresLabel}>
      {figures.map((figure) => (
        <Tile key={figure.name} figure={figure} />
      ))}
    </ul>
  );
}

function Tile({ figure: { name, value, level, line } }: { figure: Figure }) {
  const words = operatorStrings();
  const { name: title, hint, ...levels } = words.figures[name];
  return (
    <li className={styles.tile} data-level={level} data-figure={name}>
      <span className={styles.name}>{title}</span>
      <span className={styles.number}>
        {value === null ? (
          <>
            <span aria-hidden>–</span>
            <span className="visually-hidden">{words.notKnown}</span>
          </>
        ) : (
          <bdi>{SHOWN[name](value)}</bdi>
        )}
      </span>
      {level === 'calm' ? (
        <span className={styles.hint}>{hint}</span>
      ) : (
        <strong className={styles.word}>{levels[level]}</strong>
      )}
      <Sparkline line={line} className={styles.spark} />
    </li>
  );
}
