/** Times as people read them, in the viewer's zone. The formatters are made once. */

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });

export const timeOfDay = (date: Date): string => clock.format(date);

/** The year is said only when it is another than this one. */
export function longDay(date: Date, now: Date = new Date()): string {
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}

export const wholeTime = (date: Date): string => whole.format(date);
