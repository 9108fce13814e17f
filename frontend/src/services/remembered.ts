/**
 * Who was signed in here last, so that the next visit need not ask before it
 * shows anything. No credential: the session is a cookie that scripts cannot read.
 */
import type { Me } from '../protocol';

const KEY = 'roost:me';

export function rememberedMe(): Me | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept ? (JSON.parse(kept) as Me) : undefined;
  } catch {
    // A browser that keeps nothing, or something that is not ours: the server will say.
    return undefined;
  }
}

export function rememberMe(me: Me | undefined): void {
  try {
    if (me) localStorage.setItem(KEY, JSON.stringify(me));
    else localStorage.removeItem(KEY);
  } catch {
    // The next visit asks the server first.
  }
}
