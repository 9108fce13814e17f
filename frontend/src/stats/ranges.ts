/** The lengths of time one can look back, and in what steps the server and the plots have them. */

export const RANGES = ['live', 'day', 'week', 'month'] as const;

export type Range = (typeof RANGES)[number];

interface Steps {
  readonly seconds: number;
  /** What the server is asked for. */
  readonly step: 1 | 10 | 300;
  /** What one column of a plot stands for. */
  readonly column: number;
  /** What is coarse is ninety columns or so: percentiles of fewer deliveries would only be noise. */
  readonly coarse: number;
  /** Rows of a table are fewer, or nobody reads them. */
  readonly row: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const STEPS: Readonly<Record<Range, Steps>> = {
  live: { seconds: 15 * MINUTE, step: 1, column: 1, coarse: 10, row: MINUTE },
  day: { seconds: DAY, step: 10, column: MINUTE, coarse: 15 * MINUTE, row: HOUR },
  week: { seconds: 7 * DAY, step: 300, column: 5 * MINUTE, coarse: 2 * HOUR, row: 6 * HOUR },
  month: { seconds: 30 * DAY, step: 300, column: 30 * MINUTE, coarse: 8 * HOUR, row: DAY },
};

/** Nobody comes closer than to so many columns. */
const FEWEST_COLUMNS = 10;

/** Lengths of time that are easily read. */
const EASY = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 8, 12].map((hours) => hours * HOUR),
  DAY,
];

export const closestOf = (range: Range): number => STEPS[range].column * FEWEST_COLUMNS;

/** What a part of the time is drawn and told in: as many steps as the whole, while there are so many columns. */
export function stepsOf(range: Range, part: number): Pick<Steps, 'coarse' | 'row'> {
  const { seconds, column, coarse, row } = STEPS[range];
  const easy = (whole: number) =>
    EASY.find((step) => step >= (whole * part) / seconds && step % column === 0) ?? whole;
  return { coarse: easy(coarse), row: easy(row) };
}

/** How something goes on is not seen in a quarter of an hour; a day is little to ask for. */
export const LEAST_TO_FORESEE = { seconds: DAY, step: 300 };

export const rangeNamed = (name: string | null): Range => RANGES.find((range) => range === name) ?? 'live';
