/** What a piece of code is, as far as it has a colour of its own. */

const TONES = {
  keyword: ['keyword', 'built_in', 'type', 'tag', 'selector-tag', 'operator'],
  name: [
    'title',
    'name',
    'section',
    'function',
    'class',
    'selector-class',
    'selector-id',
    'attr',
    'attribute',
  ],
  string: ['string', 'regexp', 'char', 'subst', 'addition'],
  number: ['number', 'literal', 'symbol', 'meta', 'deletion', 'variable', 'template-variable'],
  comment: ['comment', 'quote', 'doctag'],
} as const;

export type Tone = keyof typeof TONES;

export interface Toned {
  readonly text: string;
  readonly tone?: Tone;
}

const BY_NAME = new Map(
  Object.entries(TONES).flatMap(([tone, names]) => names.map((name) => [`hljs-${name}`, tone as Tone])),
);

/** By the name that the highlighter gives it; all that it may name otherwise has the colour of text. */
export function toneOf(className: string): Tone | undefined {
  return BY_NAME.get(className);
}
