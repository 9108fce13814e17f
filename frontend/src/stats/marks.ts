/** When nodes came, went and changed their version: the lines that cross a plot. */
import { hasLeft, type Life } from './series';

export interface Mark {
  /** In seconds. */
  readonly at: number;
  readonly kind: 'joined' | 'left' | 'upgraded';
  readonly nodeId: string;
  readonly version: string;
}

/** Those between two times, the earliest first. */
export function marks(lives: readonly Life[], from: number, to: number): Mark[] {
  const ordered = [...lives].sort((a, b) => startOf(a) - startOf(b));
  const found = ordered.flatMap((life, place): Mark[] => {
    const { nodeId, version } = life;
    const before = ordered[place - 1];
    const joined = before && before.version !== version ? 'upgraded' : 'joined';
    const coming: Mark = { at: startOf(life), kind: joined, nodeId, version };
    const newer = ordered.slice(place + 1).some((other) => other.nodeId === nodeId);
    // A node that came back under its own name has not left.
    if (newer || !hasLeft(life, to)) return [coming];
    return [coming, { at: life.lastAt, kind: 'left', nodeId, version }];
  });
  return found.filter(({ at }) => at > from && at <= to).sort((a, b) => a.at - b.at);
}

const startOf = ({ startedAt }: Life): number => Date.parse(startedAt) / 1_000;
