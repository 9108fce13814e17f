/**
 * Moves the keyboard's focus among rows of which only some are on the page.
 *
 * The list is one stop for the Tab key: it hands focus on to the message that
 * had it last, if that is in view, or else to the last one that is.
 */
import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useRef,
} from 'react';
import type { Row } from '../chat/rows';
import { messagesInView, rowOf } from './rowsInView';
import type { Spot } from './useScroll';

interface Options {
  rows: readonly Row[];
  scroller: RefObject<HTMLElement | null>;
  list: RefObject<HTMLElement | null>;
  /** The row that had the focus last. */
  held: string | undefined;
  toRow: (key: string, spot: Spot) => void;
  toEnd: () => void;
}

export function useRowFocus({ rows, scroller, list, held, toRow, toEnd }: Options) {
  const wanted = useRef<string>(undefined);

  const focusRow = useCallback((key: string) => {
    wanted.current = key;
  }, []);

  // The row may only be on the page after the next rendering.
  useLayoutEffect(() => {
    const row = wanted.current === undefined ? undefined : rowOf(list.current, wanted.current);
    if (!row) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });

  function onListFocus(event: FocusEvent<HTMLElement>): void {
    if (!scroller.current || event.target !== list.current || !event.target.matches(':focus-visible')) return;
    // Leaving backwards passes the list on the way from one of its rows.
    if (event.relatedTarget instanceof Node && list.current.contains(event.relatedTarget)) return;
    const visible = messagesInView(list.current, scroller.current.getBoundingClientRect());
    const row = visible.find((one) => one.dataset.key === held) ?? visible.at(-1);
    row?.focus({ preventScroll: true });
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    const at = event.target instanceof HTMLLIElement ? event.target.dataset.key : undefined;
    const messages = rows.filter((row) => row.kind === 'message');
    const index = messages.findIndex((row) => row.key === at);
    if (event.key === 'Escape' && index >= 0) document.getElementById('composer')?.focus();
    const next = index < 0 ? undefined : messages[indexAfter(event.key, index, messages.length)];
    if (!next) return;
    event.preventDefault();
    const row = rowOf(list.current, next.key);
    if (row) {
      row.focus();
      return;
    }
    focusRow(next.key);
    if (next === messages.at(-1)) toEnd();
    else toRow(next.key, 'middle');
  }

  return { focusRow, onListFocus, onKeyDown };
}

function indexAfter(key: string, index: number, count: number): number {
  if (key === 'ArrowUp') return index - 1;
  if (key === 'ArrowDown') return index + 1;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return -1;
}
