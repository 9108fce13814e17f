/**
 * The lines of a text as paragraphs, code, quotes and lists.
 *
 * Each line is looked at once for every quote or list around it. Headings are
 * kept, to be shown as strong words; tables, rules and indented code are text.
 */
import type { Budget } from './budget';
import { inlinesOf } from './inlines';
import type { Block } from './words';

const FENCE = /^ {0,3}(`{3,}|~{3,}) *([^`]*)$/;
const QUOTE = /^ {0,3}> ?/;
const HEADING = /^ {0,3}#{1,6} +(\S.*)$/;
const ITEM = /^( {0,3})([-*+]|(\d{1,9})[.)])( {1,4})(?=\S)/;
const BLANK = /^\s*$/;

export function blocksOf(lines: readonly string[], budget: Budget, depth = 0): Block[] {
  budget.depth(depth);
  return new BlockReader(lines, budget, depth).read();
}

class BlockReader {
  readonly #lines: readonly string[];
  readonly #budget: Budget;
  readonly #depth: number;
  readonly #blocks: Block[] = [];
  #paragraph: string[] = [];
  #at = 0;

  constructor(lines: readonly string[], budget: Budget, depth: number) {
    this.#lines = lines;
    this.#budget = budget;
    this.#depth = depth;
  }

  read(): Block[] {
    for (let line = this.#line(); line !== undefined; line = this.#line()) {
      this.#budget.step();
      if (!this.#readBlank(line) && !this.#readFence(line) && !this.#readQuote(line) && !this.#readList(line))
        this.#readText(line);
    }
    this.#endParagraph();
    return this.#blocks;
  }

  #line(): string | undefined {
    return this.#lines[this.#at];
  }

  #readBlank(line: string): boolean {
    if (!BLANK.test(line)) return false;
    this.#endParagraph();
    this.#at += 1;
    return true;
  }

  #readText(line: string): void {
    const heading = HEADING.exec(line)?.[1];
    this.#at += 1;
    if (heading === undefined) {
      this.#paragraph.push(line);
      return;
    }
    this.#endParagraph();
    this.#add({ kind: 'heading', children: inlinesOf(heading.trimEnd(), this.#budget) });
  }

  #endParagraph(): void {
    const text = this.#paragraph.join('\n').trimEnd();
    this.#paragraph = [];
    if (text !== '') this.#add({ kind: 'paragraph', children: inlinesOf(text, this.#budget) });
  }

  #add(block: Block): void {
    this.#budget.piece();
    this.#blocks.push(block);
  }

  #readFence(line: string): boolean {
    const [, fence = '', about = ''] = FENCE.exec(line) ?? [];
    if (fence === '') return false;
    this.#endParagraph();
    const closing = new RegExp(`^ {0,3}\\${fence.charAt(0)}{${fence.length},}\\s*$`);
    const code: string[] = [];
    this.#at += 1;
    for (let next = this.#line(); next !== undefined && !closing.test(next); next = this.#line()) {
      this.#budget.step();
      code.push(next);
      this.#at += 1;
    }
    // Whoever forgot to close it meant all that follows.
    this.#at += 1;
    const [language = ''] = about.trim().split(/\s/);
    this.#add({ kind: 'code', language, text: code.join('\n') });
    return true;
  }

  #readQuote(line: string): boolean {
    if (!QUOTE.test(line)) return false;
    this.#endParagraph();
    const quoted: string[] = [];
    for (let next = this.#line(); next !== undefined && QUOTE.test(next); next = this.#line()) {
      this.#budget.step();
      quoted.push(next.replace(QUOTE, ''));
      this.#at += 1;
    }
    this.#add({ kind: 'quote', blocks: blocksOf(quoted, this.#budget, this.#depth + 1) });
    return true;
  }

  #readList(line: string): boolean {
    const first = ITEM.exec(line);
    if (!first) return false;
    const number = first[3];
    // In the middle of a sentence a number at the beginning of a line is a number.
    if (number !== undefined && number !== '1' && this.#paragraph.length > 0) return false;
    this.#endParagraph();
    const items: Block[][] = [];
    for (;;) {
      const item = ITEM.exec(this.#line() ?? '');
      if (!item || (item[3] === undefined) !== (number === undefined)) break;
      items.push(blocksOf(this.#readItem(item[0].length), this.#budget, this.#depth + 1));
    }
    this.#add({ kind: 'list', items, ...(number === undefined ? {} : { start: Number(number) }) });
    return true;
  }

  /** The lines of one item; blank ones belong to it when it goes on after them. */
  #readItem(indent: number): string[] {
    const lines = [(this.#line() ?? '').slice(indent)];
    this.#at += 1;
    for (let next = this.#line(); next !== undefined; next = this.#line()) {
      this.#budget.step();
      const spaces = next.length - next.trimStart().length;
      if (BLANK.test(next)) {
        const after = this.#skipBlank();
        if (!after?.startsWith('  ')) break;
        lines.push('');
      } else if (spaces >= 2) {
        lines.push(next.slice(Math.min(spaces, indent)));
        this.#at += 1;
      } else break;
    }
    return lines;
  }

  #skipBlank(): string | undefined {
    while (BLANK.test(this.#line() ?? '-')) {
      this.#budget.step();
      this.#at += 1;
    }
    return this.#line();
  }
}
