/**
 * Which language the page speaks.
 *
 * English is always there; the others are fetched when they are wanted. What is
 * on the page has read its texts already, so a change shows it anew.
 */
import type { Preferences } from '../chat/settings';
import { english, type Strings, setStrings } from './strings';

interface Spoken {
  /** As it calls itself. */
  name: string;
  direction: 'ltr' | 'rtl';
  texts: () => Promise<Strings>;
}

const SPOKEN = {
  en: { name: 'English', direction: 'ltr', texts: async () => english },
  ar: { name: 'العربية', direction: 'rtl', texts: async () => (await import('./languages/ar')).default },
  'en-XA': {
    name: 'Pseudo',
    direction: 'ltr',
    texts: async () => (await import('./languages/pseudo')).default,
  },
} as const satisfies Record<string, Spoken>;

export type Language = keyof typeof SPOKEN;

/** Those a person would choose. */
export const OFFERED = ['en', 'ar'] as const satisfies readonly Language[];

export const nameOf = (language: Language): string => SPOKEN[language].name;

/** What was chosen, or the first that the browser prefers and we speak. */
export function languageFor(chosen: Preferences['language'], preferred: readonly string[]): Language {
  if (chosen !== 'system') return chosen;
  const bases = preferred.map((tag) => tag.split('-')[0]);
  return bases.flatMap((base) => OFFERED.find((offered) => offered === base) ?? [])[0] ?? 'en';
}

class Speech {
  #now: Language = 'en';
  #wanted: Language = 'en';
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly now = (): Language => this.#now;

  get direction(): 'ltr' | 'rtl' {
    return SPOKEN[this.#now].direction;
  }

  /** For dates and numbers: as the browser writes this language, if it does. */
  get locale(): string {
    const [base] = this.#now.split('-');
    return navigator.languages.find((tag) => tag.split('-')[0] === base) ?? this.#now;
  }

  /** What cannot be fetched leaves the page as it is. */
  async speak(language: Language): Promise<void> {
    this.#wanted = language;
    if (language === this.#now) return;
    const texts = await SPOKEN[language].texts().catch(() => undefined);
    if (!texts || this.#wanted !== language) return;
    setStrings(texts);
    this.#now = language;
    for (const listener of this.#listeners) listener();
  }
}

/** The one language of this page. */
export const speech = new Speech();
