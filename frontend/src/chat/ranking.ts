/** In which order to offer what a few letters may stand for; what there is to offer is the caller's affair. */
import { type Match, match } from './fuzzy';

/** More than anybody reads through before typing another letter. */
const MOST_OFFERED = 24;

export interface Candidate {
  /** What it is called; any of these may be written. */
  readonly names: readonly string[];
  /** Belongs to where one writes. */
  readonly near: boolean;
  /** When it was last met: the larger, the later; 0 for never. */
  readonly metAt: number;
}

/**
 * Those the letters may stand for, the likeliest first: whatever begins as was
 * typed, of these what belongs here, of these what was met last.
 */
export function ranked<Of extends Candidate>(letters: string, candidates: readonly Of[]): Of[] {
  const fitting = candidates.flatMap((candidate) => {
    const found = bestFit(letters, candidate.names);
    return found ? [{ candidate, found }] : [];
  });
  // Sorting is stable: among equals the order of the caller stays.
  fitting.sort(
    (a, b) =>
      Number(b.found.begins) - Number(a.found.begins) ||
      Number(b.candidate.near) - Number(a.candidate.near) ||
      b.candidate.metAt - a.candidate.metAt ||
      b.found.score - a.found.score,
  );
  return fitting.slice(0, MOST_OFFERED).map(({ candidate }) => candidate);
}

interface Fit {
  readonly begins: boolean;
  readonly score: number;
}

function bestFit(letters: string, names: readonly string[]): Fit | undefined {
  const fits = names.flatMap((name) => {
    const found = match(letters, name);
    return found ? [{ begins: beginsWord(found, name), score: found.score }] : [];
  });
  fits.sort((a, b) => Number(b.begins) - Number(a.begins) || b.score - a.score);
  return fits[0];
}

/** The letters stand in one piece, where a word of the name begins. */
function beginsWord({ at }: Match, name: string): boolean {
  const [first = 0, last = first - 1] = [at[0], at.at(-1)];
  const inOnePiece = last - first === at.length - 1;
  return inOnePiece && (first === 0 || /[\s\-_./]/.test([...name][first - 1] ?? ''));
}
