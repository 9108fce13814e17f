/**
 * A message's text as a list of pieces. It is never HTML: what is not clearly a
 * web address or a mention is text.
 */

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'mention'; readonly text: string; readonly username: string };

// An address ends at white space, at quotes and brackets that cannot be in one,
// and at characters that turn the direction of text and could disguise it.
const ADDRESS = String.raw`(?:https?:\/\/|mailto:)[^\s<>"\u0060\u200e\u200f\u202a-\u202e\u2066-\u2069]+`;
const MENTION = String.raw`(?<![\w@.])@[a-z0-9_.-]*[a-z0-9_-]`;
const PIECE = new RegExp(`${ADDRESS}|${MENTION}`, 'gi');

const SCHEMES = new Set(['http:', 'https:', 'mailto:']);
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

export function piecesOf(content: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of content.matchAll(PIECE)) {
    const found = match[0].startsWith('@') ? match[0] : withoutTrailing(match[0]);
    const piece = found.startsWith('@') ? mention(found) : link(found);
    if (!piece) continue;
    if (match.index > end) pieces.push({ kind: 'text', text: content.slice(end, match.index) });
    pieces.push(piece);
    end = match.index + found.length;
  }
  if (end < content.length) pieces.push({ kind: 'text', text: content.slice(end) });
  return pieces;
}

function mention(text: string): Piece {
  return { kind: 'mention', text, username: text.slice(1).toLowerCase() };
}

function link(text: string): Piece | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // Someone else's name before the host is a disguise, not an address.
  if (!SCHEMES.has(url.protocol) || url.username || url.password) return undefined;
  return { kind: 'link', text, href: url.href };
}

/** Leaves out the punctuation of the sentence around an address. */
function withoutTrailing(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address.charAt(end - 1);
    const opening = CLOSING[last];
    const closesNothing = opening !== undefined && !balanced(address.slice(0, end), opening, last);
    if (!closesNothing && !/[.,;:!?'*_~]/.test(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
}

function balanced(text: string, opening: string, closing: string): boolean {
  return text.split(opening).length >= text.split(closing).length;
}
