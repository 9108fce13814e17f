import { expect, test } from 'vitest';
import { piecesOf } from './text';

const links = (text: string) => piecesOf(text).flatMap((piece) => (piece.kind === 'link' ? piece.href : []));

test('addresses become links and the sentence around them stays text', () => {
  expect(piecesOf('See https://example.org/list, then decide.')).toEqual([
    { kind: 'text', text: 'See ' },
    { kind: 'link', text: 'https://example.org/list', href: 'https://example.org/list' },
    { kind: 'text', text: ', then decide.' },
  ]);
});

test('nothing of a text is lost', () => {
  for (const text of [
    '',
    'a',
    '(https://a.example/b_(c))',
    'x@y.example @bo\n@ ',
    'https://',
    'mailto:a@b.example!',
  ]) {
    expect(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
  }
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
  const mentions = piecesOf('@bo, ask @Cleo.r. not x@bo or https://a.example/@bo').flatMap((piece) =>
    piece.kind === 'mention' ? piece.username : [],
  );
  expect(mentions).toEqual(['bo', 'cleo.r']);
});

test('a long and hostile text is read whole, and before the test gives up', () => {
  const hostile = [
    `https://a.example/${'('.repeat(5_000)}${')'.repeat(5_000)}`,
    '@'.repeat(10_000),
    `https://a.example/${').'.repeat(5_000)}`,
  ];
  for (const text of hostile)
    expect(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
});
