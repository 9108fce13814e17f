/** Numbers with their units, as the page's language writes them. */
import { speech } from '../app/language';

/** Making a formatter takes longer than using it a hundred times. */
function madeOnce(options: Intl.NumberFormatOptions): (value: number) => string {
  const made = new Map<string, Intl.NumberFormat>();
  return (value) => {
    const { locale } = speech;
    const formatter = made.get(locale) ?? new Intl.NumberFormat(locale, options);
    made.set(locale, formatter);
    return formatter.format(value);
  };
}

const exact = madeOnce({ maximumFractionDigits: 0 });
const rough = madeOnce({ notation: 'compact', maximumSignificantDigits: 3 });
const small = madeOnce({ maximumSignificantDigits: 2 });
const percent = madeOnce({ style: 'percent', maximumSignificantDigits: 2 });

const unit = (name: string, digits = 3, unitDisplay: 'short' | 'narrow' = 'short') =>
  madeOnce({ style: 'unit', unit: name, unitDisplay, maximumSignificantDigits: digits });

const milliseconds = unit('millisecond', 2);
const wholeMilliseconds = madeOnce({
  style: 'unit',
  unit: 'millisecond',
  unitDisplay: 'short',
  maximumFractionDigits: 0,
});
const seconds = unit('second', 2, 'narrow');
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'].map((name) => unit(name));
const THOUSAND = 1_000;

/** How many: whole while that can be read at a glance. */
export function shownCount(value: number): string {
  if (value < 10 && !Number.isInteger(value)) return small(value);
  return value < 10 * THOUSAND ? exact(value) : rough(value);
}

export const shownShare = (share: number): string => percent(share);

/** A time that something took, in milliseconds or, from a second on, in seconds. */
export function shownTime(ms: number): string {
  if (ms < 10) return milliseconds(ms);
  return ms < THOUSAND ? wholeMilliseconds(ms) : seconds(ms / THOUSAND);
}

export function shownSize(exactly: number): string {
  // As it is shown: what is a thousand then is one of the next unit.
  const bytes = Number(exactly.toPrecision(3));
  const step = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3));
  return SIZES[step]?.(bytes / THOUSAND ** step) ?? '';
}
