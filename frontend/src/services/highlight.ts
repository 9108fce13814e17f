/**
 * Colours for code. Only colours: a block of code is as high before they come as
 * it is after, and it stays as it is when they do not come.
 */
import type { Toned } from '../chat/tones';

/** More than fits on a screen many times over is not worth the time it takes. */
const LONGEST = 10_000;
const MOST_KEPT = 100;

const kept = new Map<string, readonly Toned[]>();
let loading: Promise<typeof import('./grammars')> | undefined;

/** What was coloured before is there at once. */
export function colouredBefore(language: string, code: string): readonly Toned[] | undefined {
  return kept.get(keyOf(language, code));
}

/** Nothing for a language that is not known here. */
export async function coloured(language: string, code: string): Promise<readonly Toned[] | undefined> {
  if (language === '' || code.length > LONGEST) return undefined;
  loading ??= import('./grammars');
  const grammars = await loading.catch(() => undefined);
  if (!grammars) {
    // Without a connection now; perhaps not the next time.
    loading = undefined;
    return undefined;
  }
  const name = language.toLowerCase();
  if (!grammars.knows(name)) return undefined;
  const tones = colouredBefore(language, code) ?? grammars.colour(name, code);
  keep(keyOf(language, code), tones);
  return tones;
}

function keep(key: string, tones: readonly Toned[]): void {
  kept.delete(key);
  kept.set(key, tones);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size > MOST_KEPT) kept.delete(oldest);
}

function keyOf(language: string, code: string): string {
  return `${language} ${code}`;
}
