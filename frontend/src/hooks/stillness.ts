/** Where a browser does not say that scrolling has ended, it has when nothing moved for this long. */
const STILL_AFTER_MS = 150;

/** Calls each time that scrolling has ended. */
export function whenStill(view: HTMLElement, still: () => void): () => void {
  if ('onscrollend' in window) {
    view.addEventListener('scrollend', still);
    return () => view.removeEventListener('scrollend', still);
  }
  let timer: ReturnType<typeof setTimeout>;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(still, STILL_AFTER_MS);
  };
  view.addEventListener('scroll', later);
  return () => {
    clearTimeout(timer);
    view.removeEventListener('scroll', later);
  };
}
