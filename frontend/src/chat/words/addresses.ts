/** Which texts are addresses that may be followed, and where those lead. */

// An address ends at white space, at quotes and brackets that cannot be in one,
// and at characters that turn the direction of text and could disguise it.
const ADDRESS = String.raw`(?:https?:\/\/|mailto:)[^\s<>"\u0060\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+`;
const HERE = new RegExp(ADDRESS, 'iy');
const WHOLE = new RegExp(`^${ADDRESS}$`, 'i');

const SCHEMES = new Set(['http:', 'https:', 'mailto:']);
const LONGEST = 2_048;

export interface Address {
  readonly href: string;
  /** The host, or the address of a letter: what one has to know before going there. */
  readonly host: string;
}

/** All of the text is an address, and not one in disguise. */
export function addressIn(text: string): Address | undefined {
  if (text.length > LONGEST || !WHOLE.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, username, password, host, href, pathname } = new URL(text);
  // Someone else's name before the host is a disguise, not an address.
  if (!SCHEMES.has(protocol) || username || password) return undefined;
  return { href, host: protocol === 'mailto:' ? pathname : host };
}

/** The text that begins here and looks like an address, whether it is one or not. */
export function addressAt(text: string, from: number): string | undefined {
  HERE.lastIndex = from;
  return HERE.exec(text)?.[0];
}

/** Nobody who reads these words is surprised by where they lead. */
export function tells(words: string, { host }: Address): boolean {
  const shown = words.trim().toLowerCase();
  const authority = /^(?:https?:\/\/)?([^/?#]*)/.exec(shown)?.[1];
  return authority === host.toLowerCase() || shown === `mailto:${host.toLowerCase()}`;
}

const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Leaves out the punctuation of the sentence around an address. */
export function withoutTrailing(address: string): string {
  const surplus = new Map<string, number>();
  for (const [closing, opening] of Object.entries(CLOSING)) {
    surplus.set(closing, countOf(address, closing) - countOf(address, opening));
  }
  let end = address.length;
  while (end > 0) {
    const last = address.charAt(end - 1);
    const unopened = surplus.get(last) ?? 0;
    if (unopened > 0) surplus.set(last, unopened - 1);
    else if (!/[.,;:!?'*_~]/.test(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
}

function countOf(text: string, letter: string): number {
  let count = 0;
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) count += 1;
  return count;
}
