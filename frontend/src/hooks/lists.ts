/** Names after each other, as the page's language says them. */
import { speech } from '../app/language';

export const listed = (names: readonly string[]): string =>
  new Intl.ListFormat(speech.locale, { type: 'conjunction' }).format(names);
