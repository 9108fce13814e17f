/**
 * Which rows of a long list are on the page, and how much room the others take.
 *
 * Everything is reckoned from one row, the place: the message at the upper edge
 * of the view, or the end of the list. Rows are walked from there until the view
 * is filled and some more, so rows that come or go anywhere else change nothing.
 * Heights are measured where rows have been on the page and guessed elsewhere; a
 * guess is kept until it is replaced, so that nothing moves for another guess.
 *
 * Knows no page: `hooks/useScroll.ts` measures, scrolls and keeps the place.
 */

/** Rows are put on the page this far beyond the view, */
const AHEAD_PX = 800;
/** more are fetched when less than this is left, */
const LEAST_PX = 400;
/** and taken off the page when they are further away than this. */
const MOST_PX = 1_600;

/** A row of one line with its author's name, before anything has been measured. */
const FIRST_GUESS_PX = 48;
/** Heights of rows that are gone are forgotten when there are more of them than this. */
const REMEMBERED = 2_000;

export interface Keyed {
  readonly key: string;
}

/** A row, and how far its foot is below the upper edge of the view. */
export type Place = 'end' | { readonly key: string; readonly foot: number };

/** Rows `from` up to, and without, `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A row on the page, or the room that is kept for those that are not. */
export type Piece<Row extends Keyed> =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'space'; readonly key: string; readonly height: number };

export class RowWindow<Row extends Keyed> {
  place: Place = 'end';
  viewHeight = 0;
  readonly #measured = new Map<string, number>();
  readonly #guessed = new Map<string, number>();
  #total = 0;
  #shown: { first: string; last: string } | undefined;

  measured(key: string, height: number): void {
    this.#total += height - (this.#measured.get(key) ?? 0);
    this.#measured.set(key, height);
    this.#guessed.delete(key);
  }

  heightOf(key: string): number {
    const known = this.#measured.get(key) ?? this.#guessed.get(key);
    if (known !== undefined) return known;
    const guess = this.#measured.size > 0 ? this.#total / this.#measured.size : FIRST_GUESS_PX;
    this.#guessed.set(key, guess);
    return guess;
  }

  /** What to show of these rows: the former part of them for as long as it is enough. */
  show(rows: readonly Row[]): Range {
    if (this.#measured.size + this.#guessed.size > 2 * rows.length + REMEMBERED) this.#forgetOthers(rows);
    const range = this.#wanted(rows);
    const first = rows[range.from];
    const last = rows[range.to - 1];
    this.#shown = first && last && { first: first.key, last: last.key };
    return range;
  }

  /** What is shown still fills the view, and some more. */
  suffices(rows: readonly Row[], shown: Range): boolean {
    const least = this.#around(rows, LEAST_PX);
    return shown.from <= least.from && shown.to >= least.to;
  }

  /** The row that stands this far above the end of the list. */
  rowAt(rows: readonly Row[], aboveEnd: number): Row | undefined {
    let left = aboveEnd;
    for (let index = rows.length - 1; index >= 0; index -= 1) {
      const row = rows[index] as Row;
      left -= this.heightOf(row.key);
      if (left <= 0) return row;
    }
    return rows[0];
  }

  /** The rows of a range, and one that is held on the page wherever it is, with the room between. */
  pieces(rows: readonly Row[], range: Range, held: string | undefined): Piece<Row>[] {
    const heldAt = held === undefined ? -1 : rows.findIndex((row) => row.key === held);
    const pieces: Piece<Row>[] = [];
    const space = (key: string, from: number, to: number) => {
      let height = 0;
      for (let index = from; index < to; index += 1) height += this.heightOf((rows[index] as Row).key);
      pieces.push({ kind: 'space', key, height });
    };
    const show = (from: number, to: number) => {
      for (const row of rows.slice(from, to)) pieces.push({ kind: 'row', row });
    };

    if (heldAt >= 0 && heldAt < range.from) {
      space('space:farAbove', 0, heldAt);
      show(heldAt, heldAt + 1);
      space('space:above', heldAt + 1, range.from);
    } else {
      space('space:above', 0, range.from);
    }
    show(range.from, range.to);
    if (heldAt >= range.to) {
      space('space:below', range.to, heldAt);
      show(heldAt, heldAt + 1);
      space('space:farBelow', heldAt + 1, rows.length);
    } else {
      space('space:below', range.to, rows.length);
    }
    return pieces;
  }

  #wanted(rows: readonly Row[]): Range {
    const wanted = this.#around(rows, AHEAD_PX);
    const first = rows.findIndex((row) => row.key === this.#shown?.first);
    const last = rows.findIndex((row) => row.key === this.#shown?.last);
    if (first < 0 || last < first) return wanted;
    // A place that is gone is found anew by whoever measures; until then nothing changes.
    const { place } = this;
    if (place !== 'end' && !rows.some((row) => row.key === place.key)) return { from: first, to: last + 1 };
    const least = this.#around(rows, LEAST_PX);
    const most = this.#around(rows, MOST_PX);
    return {
      from: first < most.from || first > least.from ? wanted.from : first,
      to: last + 1 < least.to || last + 1 > most.to ? wanted.to : last + 1,
    };
  }

  /** The rows in view and those within some distance of it. */
  #around(rows: readonly Row[], ahead: number): Range {
    const { place } = this;
    const index = place === 'end' ? -1 : rows.findIndex((row) => row.key === place.key);
    let from = index < 0 ? rows.length : index;
    let to = index < 0 ? rows.length : index + 1;
    let head = this.viewHeight;
    if (place !== 'end' && index >= 0) {
      head = place.foot - this.heightOf(place.key);
      let foot = place.foot;
      while (to < rows.length && foot < this.viewHeight + ahead) {
        foot += this.heightOf((rows[to] as Row).key);
        to += 1;
      }
    }
    while (from > 0 && head > -ahead) {
      from -= 1;
      head -= this.heightOf((rows[from] as Row).key);
    }
    return { from, to };
  }

  #forgetOthers(rows: readonly Row[]): void {
    const known = new Set(rows.map((row) => row.key));
    for (const [key, height] of this.#measured) {
      if (known.has(key)) continue;
      this.#measured.delete(key);
      this.#total -= height;
    }
    for (const key of this.#guessed.keys()) if (!known.has(key)) this.#guessed.delete(key);
  }
}
