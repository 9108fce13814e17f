/**
 * A message's words as a tree: what of its text is strong, a link, a list.
 *
 * The tree is all there ever is. No HTML is made of it or read from it, so what
 * looks like HTML is text. The Markdown understood here is the part that people
 * use in a conversation; where the whole grammar and a plain reading differ, the
 * plain reading wins. It is read in one pass within bounds (`budget.ts`), and a
 * text that goes beyond them is shown as it was written.
 */
import { blocksOf } from './blocks';
import { Budget } from './budget';

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis' | 'strike'; readonly children: readonly Inline[] }
  | Link
  | { readonly kind: 'mention'; readonly text: string; readonly username: string }
  /** `name` as rooms are compared by: see `sameRoomName`. */
  | { readonly kind: 'room'; readonly text: string; readonly name: string };

export interface Link {
  readonly kind: 'link';
  readonly href: string;
  /** Where it leads, when its own words do not say so. */
  readonly host?: string;
  readonly children: readonly Inline[];
}

export type Block =
  | { readonly kind: 'paragraph' | 'heading'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly start?: number; readonly items: readonly (readonly Block[])[] };

export interface Words {
  readonly blocks: readonly Block[];
  /** A few emoji and nothing else. */
  readonly emojiAlone: boolean;
}

/** Whatever has a text: a message is another object with every revision. */
interface Written {
  readonly content: string;
}

// They are forgotten with the message, and a text that was deleted with them.
const read = new WeakMap<Written, Words>();

export function wordsOf(written: Written): Words {
  let words = read.get(written);
  if (!words) {
    words = readWords(written.content);
    read.set(written, words);
  }
  return words;
}

export function readWords(content: string, budget = new Budget()): Words {
  const text = content.replace(/\r\n?/g, '\n');
  return { blocks: readBlocks(text, budget), emojiAlone: isEmojiAlone(text) };
}

function readBlocks(text: string, budget: Budget): readonly Block[] {
  if (text === '') return [];
  return budget.within(text, () => blocksOf(text.split('\n'), budget)) ?? [plain(text)];
}

function plain(text: string): Block {
  return { kind: 'paragraph', children: [{ kind: 'text', text }] };
}

/** The words on one line, without what made them strong or a list. */
export function plainWords(written: Written): string {
  return wordsOf(written).blocks.map(textOfBlock).join(' ').replace(/\s+/g, ' ').trim();
}

function textOfBlock(block: Block): string {
  switch (block.kind) {
    case 'code':
      return block.text;
    case 'quote':
      return block.blocks.map(textOfBlock).join(' ');
    case 'list':
      return block.items.map((item) => item.map(textOfBlock).join(' ')).join(' ');
    default:
      return textOf(block.children);
  }
}

export function textOf(inlines: readonly Inline[]): string {
  return inlines.map((inline) => ('children' in inline ? textOf(inline.children) : inline.text)).join('');
}

/** The room that people mean by `#release-plans` may be called “Release plans”. */
export function sameRoomName(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, '-');
}

const MOST_ALONE = 3;
/** Room for the longest, which is a family of four with a tone of skin each. */
const LONGEST_ALONE = 120;
const PICTURE = String.raw`(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Emoji_Modifier_Base}(?=\p{Emoji_Modifier}))\p{Emoji_Modifier}?\uFE0F?`;
const EMOJI = String.raw`(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|${PICTURE}[\u{E0020}-\u{E007F}]*(?:\u200D(?:${PICTURE}|\p{Extended_Pictographic}))*)`;
const ALONE = new RegExp(String.raw`^\s*${EMOJI}(?:\s*${EMOJI}){0,${MOST_ALONE - 1}}\s*$`, 'u');

function isEmojiAlone(text: string): boolean {
  return text.length <= LONGEST_ALONE && ALONE.test(text);
}
