/**
 * How well a few letters fit a name.
 *
 * Letters must come in order. Beginnings of words count more than what is
 * inside them, letters in a row more than scattered ones, and a short name more
 * than a long one. Accents and capitals make no difference.
 */

const IN_A_ROW = 6;
const BEGINS_WORD = 8;
const BEGINS_NAME = 12;

export interface Match {
  readonly score: number;
  /** Which letters of the name were meant. */
  readonly at: readonly number[];
}

export function match(letters: string, name: string): Match | undefined {
  const wanted = folded(letters).filter((letter) => letter.trim() !== '');
  const offered = folded(name);
  if (wanted.length === 0) return { score: 0, at: [] };
  let best: Match | undefined;
  // Each place where the first letter stands may be the one that was meant.
  for (let start = offered.indexOf(wanted[0] ?? ''); start >= 0; ) {
    const found = from(start, wanted, offered);
    if (!found) break;
    if (!best || found.score > best.score) best = found;
    start = offered.indexOf(wanted[0] ?? '', start + 1);
  }
  return best;
}

function from(start: number, wanted: readonly string[], offered: readonly string[]): Match | undefined {
  const at: number[] = [];
  let score = -offered.length / 16;
  let place = start;
  for (const letter of wanted) {
    place = offered.indexOf(letter, at.length === 0 ? start : place + 1);
    if (place < 0) return undefined;
    const before = at.at(-1);
    if (place === 0) score += BEGINS_NAME;
    else if (/[\s\-_./:]/.test(offered[place - 1] ?? '')) score += BEGINS_WORD;
    if (before === place - 1) score += IN_A_ROW;
    else if (before !== undefined) score -= Math.min(place - before, IN_A_ROW) / 2;
    at.push(place);
  }
  return { score, at };
}

/** One plain letter for each letter of a text, so that places stay what they are. */
function folded(text: string): string[] {
  return [...text].map((letter) => {
    const plain = letter.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    return [...plain][0] ?? letter;
  });
}
