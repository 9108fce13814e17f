/**
 * The words of a paragraph: what is strong, code, an address, a person, a room.
 *
 * One pass from left to right. A sign that may open something is kept as text
 * until what closes it is found; then all that stands between the two, which is
 * the end of what has been read so far, becomes one piece.
 */
import { type Address, addressAt, addressIn, tells, withoutTrailing } from './addresses';
import type { Budget } from './budget';
import { type Inline, sameRoomName, textOf } from './words';

const SIGN = /[\\`*_~[\]!<@#]|https?:\/\/|mailto:/gi;
const ESCAPED = /[!-/:-@[-`{-~]/;
const MENTION = /(?<![\w@.])@[a-z0-9_.-]{0,31}[a-z0-9_-]/iy;
const ROOM = /(?<![\p{L}\p{N}_#&/])#[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_.+-]{0,78}[\p{L}\p{M}\p{N}_])?/uy;
const IN_ANGLES = /<((?:https?:\/\/|mailto:)[^\s<>]*)>/iy;
const DESTINATION =
  /\( {0,8}<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?: {1,8}(?:"[^"\n]*"|'[^'\n]*'))? {0,8}\)/y;

const SPACE = /\s/;
const PUNCTUATION = /[\p{P}\p{S}]/u;
// Scripts that are written without spaces between words.
const APART = /[\s\p{P}\p{S}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

type Emphasis = '*' | '_' | '~';

interface Opener {
  readonly sign: Emphasis | '[';
  /** Where its text stands in what has been read. */
  readonly at: number;
  count: number;
}

interface Piece {
  readonly inline: Inline;
  readonly depth: number;
}

export function inlinesOf(text: string, budget: Budget): Inline[] {
  return new InlineReader(text, budget).read();
}

class InlineReader {
  readonly #source: string;
  readonly #budget: Budget;
  readonly #read: Piece[] = [];
  #openers: Opener[] = [];
  #text = '';
  #at = 0;
  /** Where runs of so many backticks begin, the next one last; made when the first is met. */
  #ticks: Map<number, number[]> | undefined;

  constructor(source: string, budget: Budget) {
    this.#source = source;
    this.#budget = budget;
  }

  read(): Inline[] {
    while (this.#at < this.#source.length) {
      this.#budget.step();
      SIGN.lastIndex = this.#at;
      const found = SIGN.exec(this.#source);
      this.#take((found?.index ?? this.#source.length) - this.#at);
      if (found && !this.#readSign(found[0])) this.#take(found[0].length);
    }
    this.#endText();
    return joined(this.#read.map(({ inline }) => inline));
  }

  /** Whether the sign was more than text. */
  #readSign(sign: string): boolean {
    switch (sign) {
      case '\\':
        return this.#readEscape();
      case '`':
        return this.#readCode();
      case '*':
      case '_':
      case '~':
        return this.#readEmphasis(sign);
      case '!':
        return this.#source.charAt(this.#at + 1) === '[' && this.#open('![');
      case '[':
        return this.#open('[');
      case ']':
        return this.#readLink();
      case '<':
        return this.#readAngles();
      case '@':
      case '#':
        return this.#readName(sign);
      default:
        return this.#readAddress();
    }
  }

  /** Takes so much of the source for text. */
  #take(length: number): true {
    this.#text += this.#source.slice(this.#at, this.#at + length);
    this.#at += length;
    return true;
  }

  #endText(): void {
    if (this.#text !== '') this.#push({ kind: 'text', text: this.#text });
    this.#text = '';
  }

  #push(inline: Inline, depth = 0): void {
    this.#budget.piece();
    this.#budget.depth(depth);
    this.#read.push({ inline, depth });
  }

  #add(inline: Inline, depth = 0): void {
    this.#endText();
    this.#push(inline, depth);
  }

  #readEscape(): boolean {
    // The arm of somebody who shrugs is no escape: ¯\_(ツ)_/¯
    if (this.#source.charAt(this.#at - 1) === '¯') return this.#take(2);
    if (!ESCAPED.test(this.#source.charAt(this.#at + 1))) return false;
    this.#at += 1;
    return this.#take(1);
  }

  #readCode(): boolean {
    const length = runAt(this.#source, this.#at);
    const begin = this.#at + length;
    const end = this.#nextTicks(length, begin);
    if (end === undefined) return this.#take(length);
    const code = this.#source.slice(begin, end);
    const padded = code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '';
    this.#add({ kind: 'code', text: padded ? code.slice(1, -1) : code });
    this.#at = end + length;
    return true;
  }

  #nextTicks(length: number, from: number): number | undefined {
    this.#ticks ??= runsOf(this.#source, this.#budget);
    const places = this.#ticks.get(length);
    for (let next = places?.at(-1); next !== undefined && next < from; next = places?.at(-1)) {
      this.#budget.step();
      places?.pop();
    }
    return places?.at(-1);
  }

  #readEmphasis(sign: Emphasis): boolean {
    const length = runAt(this.#source, this.#at);
    const { opens, closes } = this.#sides(sign, length);
    let left = length;
    this.#endText();
    while (closes && left > 0) {
      const used = this.#close(sign, left);
      if (used === 0) break;
      left -= used;
    }
    this.#at += length - left;
    if (left === 0) return true;
    // A sign with nothing to do is text like any other.
    if (!opens || (sign === '~' && left !== 2)) return this.#take(left);
    this.#push({ kind: 'text', text: sign.repeat(left) });
    this.#openers.push({ sign, at: this.#read.length - 1, count: left });
    this.#at += left;
    return true;
  }

  /** Which way signs look: to the words they stand beside, and not to those across a space. */
  #sides(sign: Emphasis, length: number): { opens: boolean; closes: boolean } {
    const before = this.#source.charAt(this.#at - 1);
    const after = this.#source.charAt(this.#at + length);
    const [isAfter, isBefore] = [after !== '' && !SPACE.test(after), before !== '' && !SPACE.test(before)];
    const free = (other: string) => other === '' || APART.test(other);
    const left = isAfter && (!PUNCTUATION.test(after) || free(before));
    const right = isBefore && (!PUNCTUATION.test(before) || free(after));
    if (sign === '_') {
      return {
        opens: left && (!right || PUNCTUATION.test(before)),
        closes: right && (!left || PUNCTUATION.test(after)),
      };
    }
    // 2*3*4 is a number.
    if (/\d/.test(before) && /\d/.test(after)) return { opens: false, closes: false };
    return { opens: left, closes: right };
  }

  /** Closes the last that is open with this sign; says how many of the signs that took. */
  #close(sign: Emphasis, left: number): number {
    let index = this.#openers.length - 1;
    while (this.#openers[index] !== undefined && this.#openers[index]?.sign !== sign) {
      // What opened outside of a label is not closed in it.
      if (this.#openers[index]?.sign === '[') return 0;
      this.#budget.step();
      index -= 1;
    }
    const opener = this.#openers[index];
    if (!opener) return 0;
    const used = Math.min(2, opener.count, left);
    if (sign === '~' && used < 2) return 0;
    this.#openers.length = index + 1;
    const { children, depth } = this.#contentsOf(opener);
    opener.count -= used;
    this.#read.pop();
    if (opener.count > 0) this.#push({ kind: 'text', text: sign.repeat(opener.count) });
    else this.#openers.pop();
    const kind = sign === '~' ? 'strike' : used === 2 ? 'strong' : 'emphasis';
    this.#push({ kind, children }, depth + 1);
    return used;
  }

  /** Takes away what was read since something was opened. */
  #contentsOf(opener: Opener): { children: Inline[]; depth: number } {
    const pieces = this.#read.splice(opener.at + 1);
    this.#budget.step(pieces.length);
    const depth = pieces.reduce((deepest, piece) => Math.max(deepest, piece.depth), 0);
    return { children: joined(pieces.map(({ inline }) => inline)), depth };
  }

  #open(text: string): true {
    this.#add({ kind: 'text', text });
    this.#openers.push({ sign: '[', at: this.#read.length - 1, count: 1 });
    this.#at += text.length;
    return true;
  }

  /** A label ends here, and perhaps its address follows. */
  #readLink(): boolean {
    const index = this.#openers.findLastIndex(({ sign }) => sign === '[');
    this.#budget.step(this.#openers.length - Math.max(0, index));
    const opener = this.#openers[index];
    if (!opener) return false;
    DESTINATION.lastIndex = this.#at + 1;
    const found = DESTINATION.exec(this.#source);
    const address = found?.[1] ? addressIn(found[1]) : undefined;
    this.#openers.length = index;
    if (!found || !address) return false;
    this.#endText();
    const { children, depth } = this.#contentsOf(opener);
    this.#read.pop();
    // A link stands in no other link.
    this.#budget.step(this.#openers.length);
    this.#openers = this.#openers.filter(({ sign }) => sign !== '[');
    this.#push(linkTo(address, withoutLinks(children)), depth + 1);
    this.#at += 1 + found[0].length;
    return true;
  }

  #readAngles(): boolean {
    IN_ANGLES.lastIndex = this.#at;
    const found = IN_ANGLES.exec(this.#source);
    const address = found?.[1] && addressIn(found[1]);
    if (!found?.[1] || !address) return false;
    this.#add(linkTo(address, [{ kind: 'text', text: found[1] }]));
    this.#at += found[0].length;
    return true;
  }

  #readAddress(): boolean {
    const whole = addressAt(this.#source, this.#at);
    if (whole === undefined) return false;
    const label = whole.indexOf('](');
    const found = withoutTrailing(label >= 0 ? whole.slice(0, label) : whole);
    const address = addressIn(found);
    // Nothing in it is looked at again: what is no address may be long.
    if (!address) return found !== '' && this.#take(found.length);
    this.#add(linkTo(address, [{ kind: 'text', text: found }]));
    this.#at += found.length;
    return true;
  }

  #readName(sign: '@' | '#'): boolean {
    const pattern = sign === '@' ? MENTION : ROOM;
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    if (text === undefined) return false;
    const name = text.slice(1);
    if (sign === '@') this.#add({ kind: 'mention', text, username: name.toLowerCase() });
    else this.#add({ kind: 'room', text, name: sameRoomName(name) });
    this.#at += text.length;
    return true;
  }
}

function linkTo(address: Address, children: readonly Inline[]): Inline {
  const words = textOf(children);
  const { href, host } = address;
  if (isInvisible(words)) return { kind: 'link', href, children: [{ kind: 'text', text: href }] };
  return { kind: 'link', href, children, ...(tells(words, address) ? {} : { host }) };
}

/** Nothing that could be seen, and so nothing that could be followed. */
function isInvisible(words: string): boolean {
  return /^[\s\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]*$/u.test(words);
}

function withoutLinks(inlines: readonly Inline[]): Inline[] {
  return joined(
    inlines.flatMap((inline): Inline[] => {
      switch (inline.kind) {
        case 'link':
          return [...inline.children];
        case 'mention':
        case 'room':
          return [{ kind: 'text', text: inline.text }];
        case 'text':
        case 'code':
          return [inline];
        default:
          return [{ ...inline, children: withoutLinks(inline.children) }];
      }
    }),
  );
}

/** Texts that stand side by side are one. */
function joined(inlines: readonly Inline[]): Inline[] {
  const pieces: Inline[] = [];
  for (const inline of inlines) {
    const last = pieces.at(-1);
    if (inline.kind === 'text' && last?.kind === 'text') {
      pieces[pieces.length - 1] = { kind: 'text', text: last.text + inline.text };
    } else pieces.push(inline);
  }
  return pieces;
}

/** How often the letter at this place is repeated. */
function runAt(text: string, at: number): number {
  const letter = text.charAt(at);
  let end = at + 1;
  while (text.charAt(end) === letter) end += 1;
  return end - at;
}

function runsOf(text: string, budget: Budget): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    budget.step();
    const places = runs.get(run.length);
    if (places) places.push(index);
    else runs.set(run.length, [index]);
  }
  for (const places of runs.values()) places.reverse();
  return runs;
}
