/** Asks again from time to time, without a hand, for as long as there is nothing else to show. */
import { useEffect } from 'react';

const AGAIN_MS = 5_000;

/** Once for each `attempt`; the next one is whoever asks to count. */
export function useAskedAgain(ask: () => void, attempt: unknown): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt waits anew.
  useEffect(() => {
    const timer = setTimeout(ask, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [ask, attempt]);
}
