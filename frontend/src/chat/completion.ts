/**
 * A word that is being written and may become something: a person after `@`, a
 * room after `#`, an emoji after `:`, a command after `/`.
 *
 * Knows where such a word stands; what it may become, and in which order, is
 * `ranking.ts`.
 */
type Sign = '@' | '#' | ':' | '/';

export interface Word {
  readonly sign: Sign;
  /** What was written behind the sign. */
  readonly letters: string;
  /** Where the word begins and ends in the text, its sign included. */
  readonly from: number;
  readonly to: number;
}

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

/** What to write in place of a word, so that one goes on behind a space. */
export function inPlaceOf({ to }: Word, text: string, becomes: string): string {
  return /^\s/.test(text.slice(to)) ? becomes : `${becomes} `;
}
