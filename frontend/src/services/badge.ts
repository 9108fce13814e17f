/** How the icons of the page say that somebody is wanted: in the tab by a dot, in a dock by a number. */

const PLAIN = '/favicon.svg';

/** The icon with a dot on it, drawn here so that there is nothing to fetch when it is wanted. */
const DOTTED = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    '<rect width="32" height="32" rx="8" fill="#006a65"/>' +
    '<path d="M5 22h22" stroke="#fdfcf9" stroke-width="2.5" stroke-linecap="round"/>' +
    '<path d="M9 18.5c0-5 3.6-8.5 8-8.5 2.6 0 4.4 1 5.6 2.6L26 14l-3 1.6c-.5 2.9-3 5.4-7 5.4' +
    '-2.6-.1-4.4-.9-5-2.5z" fill="#fdfcf9"/>' +
    '<circle cx="24" cy="8" r="8" fill="#f0b13f" stroke="#1a2327" stroke-width="2"/>' +
    '</svg>',
)}`;

export function showBadge(wanted: number): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon) icon.href = wanted > 0 ? DOTTED : PLAIN;
  // An app that is not installed has nowhere to show it.
  const badge = wanted > 0 ? navigator.setAppBadge?.(wanted) : navigator.clearAppBadge?.();
  void badge?.catch(() => undefined);
}
