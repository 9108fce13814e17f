/** A line as it is drawn, small enough to stand beside its name. */
import { useId } from 'react';
import type { Line } from './lineDrawing';
import styles from './Plots.module.css';

const WIDTH = 28;
const HEIGHT = 12;

export function Swatch({ line }: { line: Omit<Line, 'values'> }) {
  const { ink, width = 1.5, dash, fill } = line;
  const id = useId();
  const y = fill ? width / 2 : HEIGHT / 2;
  return (
    <svg className={styles.swatch} width={WIDTH} height={HEIGHT} aria-hidden>
      {fill === 'wash' && <rect width={WIDTH} height={HEIGHT} fill={`var(${ink})`} opacity={0.16} />}
      {fill === 'hatch' && (
        <>
          <pattern id={id} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line y2={5} stroke={`var(${ink})`} strokeWidth={1.5} />
          </pattern>
          <rect width={WIDTH} height={HEIGHT} fill={`url(#${id})`} />
        </>
      )}
      <line
        x2={WIDTH}
        y1={y}
        y2={y}
        stroke={`var(${ink})`}
        strokeWidth={width}
        strokeDasharray={dash?.join(' ')}
      />
    </svg>
  );
}
