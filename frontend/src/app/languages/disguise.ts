/**
 * English in disguise: every text is bracketed, accented and four tenths longer,
 * for finding what was forgotten and places that are too narrow.
 */

const LONGER = 0.4;
const PLAIN = 'AEINOUYaceinosuyz';
const ACCENTED = 'ÅÉÎÑÖÛÝåçéîñöšûýž';

export function disguised(text: string): string {
  const accented = [...text].map((letter) => ACCENTED[PLAIN.indexOf(letter)] ?? letter);
  return `[${accented.join('')}${'~'.repeat(Math.ceil(text.length * LONGER))}]`;
}

/** All texts of an object, also those that are made of something. */
export function disguise<Texts>(texts: Texts): Texts {
  return disguisedAll(texts) as Texts;
}

function disguisedAll(texts: unknown): unknown {
  if (typeof texts === 'string') return disguised(texts);
  if (typeof texts === 'function') return (...values: unknown[]) => disguised(texts(...values));
  if (typeof texts !== 'object' || texts === null) return texts;
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, disguisedAll(text)]));
}
