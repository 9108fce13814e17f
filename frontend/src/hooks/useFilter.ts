/** One word of the address that narrows what is shown, so that a narrowed page can be kept and sent. */
import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

export function useFilter(name: string): [value: string, set: (value: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const set = useCallback(
    (value: string) =>
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === '') after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace: true },
      ),
    [name, setParameters],
  );
  return [parameters.get(name) ?? '', set];
}
