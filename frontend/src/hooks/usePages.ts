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

/** `question` says what is asked for, so that another one begins anew. */
export function usePages<Item>(
  question: string,
  fetch: (cursor: string | undefined) => Promise<Page<Item>>,
): Pages<Item> {
  const [items, setItems] = useState<readonly Item[]>();
  const [cursor, setCursor] = useState<string | null>();
  const [failure, setFailure] = useState<Failure>();
  const [attempt, setAttempt] = useState(0);
  const asking = useRef<object>(undefined);
  const latest = useRef(fetch);
  latest.current = fetch;

  const ask = useCallback(async (from: string | undefined) => {
    const asked = {};
    asking.current = asked;
    try {
      const page = await latest.current(from);
      if (asking.current !== asked) return;
      setItems((known) => [...(from ? (known ?? []) : []), ...page.items]);
      setCursor(page.nextCursor);
      setFailure(undefined);
    } catch (thrown) {
      if (asking.current === asked) setFailure(Failure.from(thrown));
    }
    if (asking.current === asked) asking.current = undefined;
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another question and a new attempt ask again.
  useEffect(() => {
    const timer = setTimeout(
      () => void ask(undefined),
      asking.current === undefined && !items ? 0 : ASK_AFTER_MS,
    );
    return () => {
      clearTimeout(timer);
      asking.current = undefined;
    };
  }, [ask, question, attempt]);

  const more = useCallback(() => {
    if (cursor && !asking.current) void ask(cursor);
  }, [ask, cursor]);

  return {
    items,
    failure,
    hasMore: Boolean(cursor),
    more,
    retry: () => (items && cursor ? more() : setAttempt(attempt + 1)),
    replace: (isIt, item) => setItems((known) => known?.map((one) => (isIt(one) ? item : one))),
  };
}
