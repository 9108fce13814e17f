/**
 * English in disguise, for finding texts that were forgotten and places that are
 * too narrow: every text is bracketed, accented and four tenths longer.
 */
import { english, type Strings } from '../strings';

const LONGER = 0.4;
const PLAIN = 'AEINOUYaceinosuyz';
const ACCENTED = 'ÅÉÎÑÖÛÝåçéîñöšûýž';

type Texts = string | Texts[] | { readonly [key: string]: Texts } | ((...values: never[]) => string);

export function disguised(text: string): string {
  const accented = [...text].map((letter) => ACCENTED[PLAIN.indexOf(letter)] ?? letter);
  return `[${accented.join('')}${'~'.repeat(Math.ceil(text.length * LONGER))}]`;
}

function disguise(texts: Texts): Texts {
  if (typeof texts === 'string') return disguised(texts);
  if (typeof texts === 'function') return (...values: never[]) => disguised(texts(...values));
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, disguise(text)]));
}

export default disguise(english as Texts) as Strings;
