import { expect, test } from 'vitest';
import { Budget } from './budget';
import { type Block, type Inline, plainWords, readWords, textOf } from './words';

const blocks = (content: string): readonly Block[] => readWords(content).blocks;

/** A tree in few letters, for comparing. */
function shown(block: Block): string {
  switch (block.kind) {
    case 'code':
      return `{${block.language}|${block.text}}`;
    case 'quote':
      return `>(${block.blocks.map(shown).join('|')})`;
    case 'list':
      return `${block.start ?? '-'}(${block.items.map((item) => item.map(shown).join('|')).join(';')})`;
    case 'heading':
      return `h(${block.children.map(word).join('')})`;
    default:
      return block.children.map(word).join('');
  }
}

function word(inline: Inline): string {
  const inner = 'children' in inline ? inline.children.map(word).join('') : inline.text;
  switch (inline.kind) {
    case 'text':
      return inner;
    case 'link':
      return `<${inner}→${inline.href}${inline.host === undefined ? '' : ` ${inline.host}`}>`;
    case 'mention':
    case 'room':
      return `<${inner}>`;
    default:
      return `${inline.kind}(${inner})`;
  }
}

const tree = (content: string): string => blocks(content).map(shown).join('\n');

test.each([
  ['plain words', 'plain words'],
  ['**bold** and *italic*', 'strong(bold) and emphasis(italic)'],
  ['__bold__ and _italic_', 'strong(bold) and emphasis(italic)'],
  ['~~struck~~ but ~not~', 'strike(struck) but ~not~'],
  ['***both***', 'emphasis(strong(both))'],
  ['**bold *and italic* inside**', 'strong(bold emphasis(and italic) inside)'],
  ['*a **b** c*', 'emphasis(a strong(b) c)'],
  ['**“said”**は', 'strong(“said”)は'],
  ['snake_case_name', 'snake_case_name'],
  ['2*3*4 = 24', '2*3*4 = 24'],
  ['a * b * c', 'a * b * c'],
  ['**not closed', '**not closed'],
  ['not closed *', 'not closed *'],
  [String.raw`\*as written\*`, '*as written*'],
  ['¯\\_(ツ)_/¯', '¯\\_(ツ)_/¯'],
  ['`code`', 'code(code)'],
  ['`` a ` b ``', 'code(a ` b)'],
  ['`*not* <b>`', 'code(*not* <b>)'],
  ['an `open tick', 'an `open tick'],
  ['*`a*`', '*code(a*)'],
])('31: %s reads %s', (content, expected) => {
  expect(tree(content)).toBe(expected);
});

test.each([
  ['one\ntwo', 'one\ntwo'],
  ['one\n\ntwo', 'one\ntwo'],
  ['```ts\nlet a = 1;\n\n*a*\n```', '{ts|let a = 1;\n\n*a*}'],
  ['```\nnever closed', '{|never closed}'],
  ['~~~~\n```\n~~~~', '{|```}'],
  ['before\n```\ncode\n```\nafter', 'before\n{|code}\nafter'],
  ['> one\n> *two*', '>(one\nemphasis(two))'],
  ['> one\n>> two', '>(one|>(two))'],
  ['> one\ntwo', '>(one)\ntwo'],
  ['- one\n- two', '-(one;two)'],
  ['1. one\n2. two', '1(one;two)'],
  ['7) seven', '7(seven)'],
  ['- one\n  - inner\n- two', '-(one|-(inner);two)'],
  ['1. one\n   more\n\n2. two', '1(one\nmore;two)'],
  ['- one\n\nafter', '-(one)\nafter'],
  ['- one\nafter', '-(one)\nafter'],
  ['- `a`\n  ```\n  b\n  ```', '-(code(a)|{|b})'],
  ['born in\n1984. A year', 'born in\n1984. A year'],
  ['-1 degrees', '-1 degrees'],
  ['- ', '- '.trim()],
  ['# Heading', 'h(Heading)'],
  ['#room', '<#room>'],
  ['| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n|---|---|\n| 1 | 2 |'],
  ['    indented', '    indented'],
  ['a\r\nb', 'a\nb'],
])('31: the lines %j read %j', (content, expected) => {
  expect(tree(content)).toBe(expected);
});

test('33: links say where they lead, unless their words do', () => {
  expect(tree('[the list](https://example.org/list)')).toBe(
    '<the list→https://example.org/list example.org>',
  );
  expect(tree('[https://example.org/](https://example.org/)')).toBe(
    '<https://example.org/→https://example.org/>',
  );
  expect(tree('[bank.example](https://evil.example/)')).toBe(
    '<bank.example→https://evil.example/ evil.example>',
  );
  expect(tree('https://\u0430pple.example/')).toBe(
    '<https://\u0430pple.example/→https://xn--pple-43d.example/ xn--pple-43d.example>',
  );
  expect(tree('[write](mailto:ana@example.org)')).toBe('<write→mailto:ana@example.org ana@example.org>');
});

test.each([
  ['[**bold** words](https://a.example)', '<strong(bold) words→https://a.example/ a.example>'],
  ['![a picture](https://a.example/p.png)', '<a picture→https://a.example/p.png a.example>'],
  ['<https://a.example/b>', '<https://a.example/b→https://a.example/b>'],
  ['[a](https://a.example "title")', '<a→https://a.example/ a.example>'],
  ['[a](<https://a.example/>)', '<a→https://a.example/ a.example>'],
  ['[a](https://a.example/b_(c))', '<a→https://a.example/b_(c) a.example>'],
  ['**https://a.example/**', 'strong(<https://a.example/→https://a.example/>)'],
  ['[no](link)', '[no](link)'],
  ['[no] (https://a.example)', '[no] (<https://a.example→https://a.example/>)'],
  ['[ ](https://a.example/)', '<https://a.example/→https://a.example/>'],
  ['[\u200b](https://a.example/)', '<https://a.example/→https://a.example/>'],
  [
    '[a [b](https://b.example) c](https://c.example)',
    '[a <b→https://b.example/ b.example> c](<https://c.example→https://c.example/>)',
  ],
  ['[https://a.example](https://b.example)', '<https://a.example→https://b.example/ b.example>'],
  ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
  ['[*a](https://a.example)*', '<*a→https://a.example/ a.example>*'],
])('31: %s reads %s', (content, expected) => {
  expect(tree(content)).toBe(expected);
});

const links = (content: string): string[] =>
  blocks(content).flatMap((block) =>
    block.kind === 'paragraph' ? block.children.flatMap((one) => (one.kind === 'link' ? one.href : [])) : [],
  );

test('addresses become links and the sentence around them stays text', () => {
  expect(tree('See https://example.org/list, then decide.')).toBe(
    'See <https://example.org/list→https://example.org/list>, then decide.',
  );
});

test('brackets belong to an address only when they are balanced in it', () => {
  expect(links('(https://a.example/b_(c))')).toEqual(['https://a.example/b_(c)']);
  expect(links('[https://a.example/]')).toEqual(['https://a.example/']);
});

test('mail addresses need their scheme', () => {
  expect(links('mailto:ana@example.org')).toEqual(['mailto:ana@example.org']);
  expect(links('ana@example.org')).toEqual([]);
});

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox',
  'file:///etc/passwd',
  'https://',
  'https://bank.example@evil.example/',
  '<a href="javascript:alert(1)">x</a>',
])('%s is no link', (text) => {
  expect(links(text)).toEqual([]);
});

test('an address ends where the direction of text is turned', () => {
  expect(links('https://a.example/\u202egnp.exe')).toEqual(['https://a.example/']);
});

test('people are mentioned by name, not by the middle of an address', () => {
  expect(tree('@bo, ask @Cleo.r. not x@bo or https://a.example/@bo')).toBe(
    '<@bo>, ask <@Cleo.r>. not x@bo or <https://a.example/@bo→https://a.example/@bo>',
  );
});

test('rooms are named by a word, not by a number sign in the middle of one', () => {
  expect(tree('#design, #Release-Plans. c#, a#b #1 ##x')).toBe(
    '<#design>, <#Release-Plans>. c#, a#b <#1> ##x',
  );
});

test.each([
  ['🎉', true],
  ['👍🏽 ❤️ 🇩🇪', true],
  ['👩‍👩‍👧‍👦', true],
  ['🏴󠁧󠁢󠁳󠁣󠁴󠁿', true],
  ['1️⃣', true],
  ['🎉🎉🎉🎉', false],
  ['🎉 done', false],
  ['123', false],
  ['©', false],
  ['', false],
])('31: %s is a few emoji alone: %s', (content, expected) => {
  expect(readWords(content).emojiAlone).toBe(expected);
});

test('35: a line that quotes a message has its words and not its signs', () => {
  const content = '> quoted\n\n**Ship** it:\n- [list](https://a.example)\n```\ncode\n```';
  expect(plainWords({ content })).toBe('quoted Ship it: list code');
});

const LONG = 64 * 1024;
const filled = (piece: string): string => piece.repeat(Math.ceil(LONG / piece.length)).slice(0, LONG);

const PATHOLOGICAL = [
  '*',
  '**a',
  '*a ',
  'a*',
  '*a_b',
  '_*',
  '~~a',
  '[',
  '![',
  '[a',
  ']',
  '](',
  '[](',
  '[a](',
  '[a](b',
  '[a](<',
  '[a](https://a.example',
  '[a](https://a.example)',
  '`',
  '``a',
  '`a``b',
  '\\',
  '<',
  '<https://',
  'https://',
  'https://[',
  'https://a.example/(',
  'https://a.example/).',
  'mailto:',
  '@',
  '@.',
  '@a',
  '#',
  '#a',
  '# ',
  '> ',
  '>',
  '- ',
  '1. ',
  '- a\n',
  '> a\n',
  '>> a\n',
  '```\n',
  '~~~\n```\n',
  '\n',
  ' ',
  ' \n',
  '- a\n\n',
  '- a\n\n  b\n',
  '1. a\n\n\n',
  '*a **b ',
  '**_~~',
  '*_`[',
  '[*](',
  'a\u202e',
  '\u0000',
  '😀',
  '&lt;',
  '<b>',
  '|a',
  '![](',
  '(',
  ')',
  '**a** ',
  '[a](https://a.example "',
];

test.each(PATHOLOGICAL.map((piece) => [JSON.stringify(piece), filled(piece)]))(
  '31: 64 KB of %s take few steps, or are shown as they are',
  (_, content) => {
    const budget = new Budget();
    const { blocks: read } = readWords(content, budget);
    // Each step looks at a bounded part of the text, or at a part that no later step looks at.
    expect(budget.steps).toBeLessThanOrEqual(21_000);
    const whole = read.length === 1 && read[0]?.kind === 'paragraph' ? textOf(read[0].children) : undefined;
    expect(whole === content || countOf(read) <= 4_000).toBe(true);
  },
);

test('31: what is nested deeper than anybody means is shown as it is', () => {
  for (const [open, close] of [
    ['> ', ''],
    ['- ', ''],
    ['*a _b ', ' b_ a*'],
    ['**a ~~b ', ' b~~ a**'],
  ] as const) {
    const text = `${open.repeat(25)}x${close.repeat(25)}`;
    expect(tree(text)).toBe(text);
  }
});

function countOf(tree: unknown): number {
  if (Array.isArray(tree)) return tree.reduce<number>((sum, one) => sum + countOf(one), 0);
  if (typeof tree !== 'object' || tree === null) return 0;
  return 1 + Object.values(tree).reduce<number>((sum, one) => sum + countOf(one), 0);
}
