/** A day of the viewer's zone as `2026-11-19`, the form that date fields speak. */
export function localDay(date: Date): string {
  const two = (number: number) => `${number}`.padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export const beginningOf = (day: string): Date => new Date(`${day}T00:00`);
