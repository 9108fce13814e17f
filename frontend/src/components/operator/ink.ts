/** The page's colours for what is drawn on a canvas, which knows no variables. */

/** What the style sheet calls it, and how much of it. */
export type Ink = `--${string}`;

/** Asks for each colour once; ask anew after the page has changed its clothes. */
export function inksOf(element: HTMLElement): (ink: Ink, share?: number) => string {
  const known = new Map<string, string>();
  const probe = document.createElement('span');
  return (ink, share = 1) => {
    const colour =
      share === 1 ? `var(${ink})` : `color-mix(in srgb, var(${ink}) ${share * 100}%, transparent)`;
    const found = known.get(colour);
    if (found) return found;
    probe.style.color = colour;
    element.append(probe);
    const computed = getComputedStyle(probe).color;
    probe.remove();
    known.set(colour, computed);
    return computed;
  };
}

/** Calls when colours may be others: a theme was chosen, or the system went dark. */
export function whenRedressed(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, {
    attributeFilter: ['data-theme', 'data-text', 'data-density'],
  });
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) =>
    matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', changed);
  };
}

/** The small letters of the page, as a canvas wants them. */
export function smallFont(element: HTMLElement): string {
  const { fontSize, fontFamily } = getComputedStyle(element);
  return `500 ${fontSize} ${fontFamily}`;
}
