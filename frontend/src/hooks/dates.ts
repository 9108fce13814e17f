/** Times as the viewer's zone has them, written as the page's language writes them. */
import { speech } from '../app/language';
import { agoOf } from '../chat/ago';

/** Making a formatter takes longer than using it a hundred times. */
function madeOnce(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  const made = new Map<string, Intl.DateTimeFormat>();
  return () => {
    const { locale } = speech;
    const formatter = made.get(locale) ?? new Intl.DateTimeFormat(locale, options);
    made.set(locale, formatter);
    return formatter;
  };
}

const clock = madeOnce({ hour: 'numeric', minute: '2-digit' });
const day = madeOnce({ weekday: 'long', day: 'numeric', month: 'long' });
const dayOfYear = madeOnce({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const whole = madeOnce({ dateStyle: 'long', timeStyle: 'short' });
const clockWithSeconds = madeOnce({ hour: 'numeric', minute: '2-digit', second: '2-digit' });
const clockOfDay = madeOnce({ weekday: 'short', hour: 'numeric', minute: '2-digit' });
const dateOnly = madeOnce({ day: 'numeric', month: 'short' });
const dateWithYear = madeOnce({ day: 'numeric', month: 'short', year: 'numeric' });

export const timeOfDay = (date: Date): string => clock().format(date);

/** The year is said only when it is another than this one. */
export function longDay(date: Date, now: Date = new Date()): string {
  return (date.getFullYear() === now.getFullYear() ? day() : dayOfYear()).format(date);
}

export const wholeTime = (date: Date): string => whole().format(date);

export const exactTime = (date: Date): string => clockWithSeconds().format(date);

export const timeOfWeek = (date: Date): string => clockOfDay().format(date);

export function shortDay(date: Date, now: Date = new Date()): string {
  return (date.getFullYear() === now.getFullYear() ? dateOnly() : dateWithYear()).format(date);
}

/** As “2 hours ago”; nothing for what was within this minute. */
export function timeSince(then: number, now: number): string | undefined {
  const ago = agoOf(then, now);
  return ago && relative(speech.locale).format(-ago.count, ago.unit);
}

const relative = (locale: string) => new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
