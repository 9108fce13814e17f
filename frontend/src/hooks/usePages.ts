/** A list that the server gives in pages: the first for each new question, the next when it is asked for. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { Failure } from '../chat/failure';
import { ASK_AFTER_MS } from './useAnswer';

export interface Page<Item> {
  items: readonly Item[];
  nextCursor?: string | null | undefined;
}

interface Pages<Item> {
  /** Absent until the first page is here. */
  items: readonly Item[] | undefined;
  failure: Failure | undefined;
  hasMore: boolean;
  more(): void;
  retry(): void;
  /** An item is another by now. */
  replace(isIt: (item: Item) => boolean, item: Item): void;
}

interface Known<Item> {
  question: string;
  items: readonly Item[];
  cursor: string | undefined;
}

/** `question` says what is asked for, so that another one begins anew. */
export function usePages<Item>(
  question: string,
  fetch: (cursor: string | undefined) => Promise<Page<Item>>,
): Pages<Item> {
  const [known, setKnown] = useState<Known<Item>>();
  const [failure, setFailure] = useState<Failure>();
  const [attempt, setAttempt] = useState(0);
  const asking = useRef<object>(undefined);
  const latest = useRef(fetch);
  latest.current = fetch;

  const ask = useCallback(async (question: string, from?: string) => {
    const asked = {};
    asking.current = asked;
    try {
      const { items, nextCursor } = await latest.current(from);
      if (asking.current !== asked) return;
      setKnown((known) => ({
        question,
        items: from && known ? [...known.items, ...items] : items,
        cursor: nextCursor ?? undefined,
      }));
      setFailure(undefined);
    } catch (thrown) {
      if (asking.current === asked) setFailure(Failure.from(thrown));
    }
    if (asking.current === asked) asking.current = undefined;
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another question and a new attempt ask again.
  useEffect(() => {
    const timer = setTimeout(
      () => void ask(question),
      asking.current === undefined && !known ? 0 : ASK_AFTER_MS,
    );
    return () => {
      clearTimeout(timer);
      asking.current = undefined;
    };
  }, [ask, question, attempt]);

  // What is shown until the answer to another question is here has an end of its own.
  const next = known?.question === question ? known.cursor : undefined;
  const more = useCallback(() => {
    if (next && !asking.current) void ask(question, next);
  }, [ask, question, next]);

  return {
    items: known?.items,
    failure,
    hasMore: Boolean(known?.cursor),
    more,
    retry: () => (next ? more() : setAttempt(attempt + 1)),
    replace: (isIt, item) =>
      setKnown((known) => known && { ...known, items: known.items.map((one) => (isIt(one) ? item : one)) }),
  };
}
