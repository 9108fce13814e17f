/**
 * The parts of the page that F6 goes round: what carries `data-region`, in the
 * order of the page. Each takes the focus where somebody was in it or would begin.
 */

const ENTRANCES = [
  'ol[tabindex="0"]',
  '[aria-current="page"]',
  'textarea',
  'input',
  'a[href], button:not(:disabled)',
] as const;

export function moveToRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((one) =>
    one.checkVisibility(),
  );
  const current = regions.findIndex((one) => one.contains(document.activeElement));
  const start = current < 0 && step < 0 ? 0 : current;
  const next = regions[(start + step + regions.length) % regions.length];
  if (next) entranceOf(next).focus();
}

function entranceOf(region: HTMLElement): HTMLElement {
  for (const entrance of ENTRANCES) {
    const found = [...region.querySelectorAll<HTMLElement>(entrance)].find((one) => one.checkVisibility());
    if (found) return found;
  }
  region.tabIndex = -1;
  return region;
}
