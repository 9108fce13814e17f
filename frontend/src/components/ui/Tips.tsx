/**
 * The names of icons, shown beside whichever of them is pointed at for a moment
 * or has the focus of the keyboard. One for the whole page: a row of a list has
 * several icons, and there are many rows.
 *
 * It goes with Escape and stays while it is pointed at itself (WCAG 2.2, 1.4.13).
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import styles from './Tips.module.css';

const AFTER_MS = 500;
/** For the way from the icon to its name. */
const STAYS_MS = 120;
const APART = 6;

export function Tips() {
  const tip = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<HTMLElement>();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** What is named, now or in a moment, and where it was. It still is on the way to its name. */
    let named: HTMLElement | undefined;
    let place: DOMRect | undefined;
    const name = (element: HTMLElement | undefined) => {
      named = element;
      place = element?.getBoundingClientRect();
    };
    const show = (element: HTMLElement | undefined, afterMs: number) => {
      clearTimeout(timer);
      if (element) name(element);
      timer = setTimeout(() => {
        if (!element) name(undefined);
        setShown(element);
      }, afterMs);
    };
    const onPointerOver = ({ target, pointerType }: PointerEvent) => {
      if (pointerType !== 'mouse' || (target instanceof Node && tip.current?.contains(target))) {
        clearTimeout(timer);
        return;
      }
      const element = namedBy(target);
      show(element, element ? AFTER_MS : STAYS_MS);
    };
    const onFocus = ({ target }: FocusEvent) => {
      if (target instanceof Element && target.matches(':focus-visible')) show(namedBy(target), 0);
    };
    const hide = () => show(undefined, 0);
    const onBlur = ({ target }: FocusEvent) => namedBy(target) === named && hide();
    const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && hide();
    // Much scrolls that moves nothing: a list that stays at its end does.
    const onScroll = () => {
      const at = named?.getBoundingClientRect();
      if (at?.top !== place?.top || at?.left !== place?.left) hide();
    };
    document.addEventListener('pointerover', onPointerOver);
    document.addEventListener('pointerdown', hide);
    document.addEventListener('focusin', onFocus);
    document.addEventListener('focusout', onBlur);
    document.addEventListener('keydown', onKey);
    document.addEventListener('scroll', onScroll, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener('pointerover', onPointerOver);
      document.removeEventListener('pointerdown', hide);
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('focusout', onBlur);
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('scroll', onScroll, { capture: true });
    };
  }, []);

  useLayoutEffect(() => {
    if (shown && tip.current) putBeside(tip.current, shown);
  }, [shown]);

  return (
    // Those who do not see it have heard the name with the button.
    <div ref={tip} className={styles.tip} hidden={!shown} aria-hidden>
      {shown?.dataset.tip || shown?.getAttribute('aria-label')}
    </div>
  );
}

function namedBy(target: EventTarget | null): HTMLElement | undefined {
  return (target instanceof Element && target.closest<HTMLElement>('[data-tip]')) || undefined;
}

/** Under what it names, or over it where there is no room; never beyond the edge of the page. */
function putBeside(tip: HTMLElement, named: HTMLElement): void {
  const at = named.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = tip;
  const below = at.bottom + APART;
  const top = below + height > innerHeight ? at.top - APART - height : below;
  const middle = at.left + (at.width - width) / 2;
  const left = Math.max(APART, Math.min(middle, innerWidth - width - APART));
  Object.assign(tip.style, { left: `${left}px`, top: `${top}px` });
}
