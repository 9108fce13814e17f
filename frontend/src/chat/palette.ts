/**
 * What the palette offers for what was typed into it: rooms, people and
 * commands, those that fit best first, and before anything is typed the rooms
 * that were visited last.
 */
import { type Match, match } from './fuzzy';

export interface Choice {
  readonly id: string;
  readonly name: string;
  /** Said beside the name, and searched when the name does not fit. */
  readonly aside?: string;
}

export interface Offer<Of extends Choice> {
  readonly choice: Of;
  /** Letters of the name that were typed. */
  readonly at: readonly number[];
}

/** More than anybody reads before typing another letter. */
const MOST = 50;

/** What fits only by what is said beside it comes after what is called so. */
const ASIDE = -24;

/** Choices come in the order that counts when nothing else does. */
export function offers<Of extends Choice>(letters: string, choices: readonly Of[]): Offer<Of>[] {
  if (letters.trim() === '') return choices.slice(0, MOST).map((choice) => ({ choice, at: [] }));
  const fitting: { choice: Of; found: Match }[] = [];
  for (const choice of choices) {
    const found = match(letters, choice.name) ?? besides(letters, choice.aside);
    if (found) fitting.push({ choice, found });
  }
  // Sorting is stable: what was visited last wins among equals.
  fitting.sort((a, b) => b.found.score - a.found.score);
  return fitting.slice(0, MOST).map(({ choice, found }) => ({ choice, at: found.at }));
}

function besides(letters: string, aside: string | undefined): Match | undefined {
  const found = aside === undefined ? undefined : match(letters, aside);
  return found && { score: found.score + ASIDE, at: [] };
}
