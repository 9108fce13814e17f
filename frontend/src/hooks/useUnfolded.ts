/** What the reader has unfolded stays so while its row is off the page. */
import { useState } from 'react';

const MOST_REMEMBERED = 500;

const unfolded = new Set<string>();

export function useUnfolded(id: string): readonly [boolean, (wanted: boolean) => void] {
  const [, setShown] = useState(unfolded.has(id));
  function set(wanted: boolean) {
    unfolded.delete(id);
    if (wanted) unfolded.add(id);
    const [oldest] = unfolded;
    if (oldest !== undefined && unfolded.size > MOST_REMEMBERED) unfolded.delete(oldest);
    setShown(wanted);
  }
  return [unfolded.has(id), set];
}
