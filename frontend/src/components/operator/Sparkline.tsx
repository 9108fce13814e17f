/** A line that is drawn small; what is not known is left out of it. */
import styles from './Sparkline.module.css';

const WIDTH = 120;
const HEIGHT = 28;
const INSET = 2;

interface Props {
  line: readonly (number | null)[];
  className: string | undefined;
}

export function Sparkline({ line, className }: Props) {
  return (
    <svg
      className={`${styles.line} ${className}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      <path d={pathOf(line)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

function pathOf(line: readonly (number | null)[]): string {
  const most = Math.max(...line.map((value) => value ?? 0), Number.MIN_VALUE);
  const apart = WIDTH / Math.max(1, line.length - 1);
  let drawing = false;
  const steps = line.map((value, place) => {
    if (value === null) {
      drawing = false;
      return '';
    }
    const x = (place * apart).toFixed(1);
    const y = (HEIGHT - INSET - (value / most) * (HEIGHT - 2 * INSET)).toFixed(1);
    // A second that stands alone is a dot: a line without length, with round ends.
    const step = drawing ? `L${x} ${y}` : `M${x} ${y}h0`;
    drawing = true;
    return step;
  });
  return steps.join('');
}
