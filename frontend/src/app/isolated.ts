const BEGINS = '\u2068';
const ENDS = '\u2069';

/** A name in a sentence: it runs its own way, and leaves the sentence to run its. */
export const isolated = (name: string): string => `${BEGINS}${name}${ENDS}`;

export interface Part {
  readonly text: string;
  readonly isolated: boolean;
}

/** The sentence in parts, the names among them without their marks. */
export function partsOf(sentence: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  while (from < sentence.length) {
    const begins = sentence.indexOf(BEGINS, from);
    const ends = begins < 0 ? -1 : sentence.indexOf(ENDS, begins);
    if (ends < 0) break;
    if (begins > from) parts.push({ text: sentence.slice(from, begins), isolated: false });
    parts.push({ text: sentence.slice(begins + 1, ends), isolated: true });
    from = ends + 1;
  }
  if (from < sentence.length) parts.push({ text: sentence.slice(from), isolated: false });
  return parts;
}
