/**
 * A word that is being written and may become something: a person after `@`, a
 * room after `#`, an emoji after `:`, a command after `/`.
 *
 * Knows where such a word stands and in which order to offer what it may become;
 * what there is to offer is its caller's affair.
 */
import { type Match, match } from './fuzzy';

export type Sign = '@' | '#' | ':' | '/';

export interface Word {
  readonly sign: Sign;
  /** What was written behind the sign. */
  readonly letters: string;
  /** Where the word begins and ends in the text, its sign included. */
  readonly from: number;
  readonly to: number;
}

/** More than anybody reads through before typing another letter. */
const MOST_OFFERED = 24;
/** Below this a colon is more often a face or a pause. */
const FEWEST_LETTERS_OF_EMOJI = 2;

const LETTER = String.raw`[\p{L}\p{M}\p{N}_.+-]`;
// Signs inside of addresses and numbers are no beginnings.
const BEFORE_CARET = new RegExp(String.raw`(?<![\p{L}\p{N}_@#:/.])([@#:])(${LETTER}*)$`, 'u');
const COMMAND = /^\/([a-z]*)$/;
const REST_OF_WORD = new RegExp(`^${LETTER}*`, 'u');

/** The word that the caret stands in, if it may become something. */
export function wordAt(text: string, caret: number): Word | undefined {
  const before = text.slice(0, caret);
  const rest = REST_OF_WORD.exec(text.slice(caret))?.[0] ?? '';
  const command = COMMAND.exec(before)?.[1];
  if (command !== undefined) return { sign: '/', letters: command, from: 0, to: caret + rest.length };
  const found = BEFORE_CARET.exec(before);
  if (!found) return undefined;
  const sign = found[1] as Sign;
  const letters = found[2] ?? '';
  if (sign === ':' && !isEmojiCode(letters)) return undefined;
  return { sign, letters, from: found.index, to: caret + rest.length };
}

function isEmojiCode(letters: string): boolean {
  return letters.length >= FEWEST_LETTERS_OF_EMOJI && /^[\p{L}\p{N}+-]/u.test(letters);
}

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

/** What to write in place of a word, so that one goes on behind a space. */
export function inPlaceOf({ to }: Word, text: string, becomes: string): string {
  return /^\s/.test(text.slice(to)) ? becomes : `${becomes} `;
}
