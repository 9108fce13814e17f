/**
 * Dresses the page as its user likes it: everything that depends on it is CSS
 * that reads attributes of `<html>`. They are remembered for `public/look.js`,
 * which puts them on before the first paint.
 */
import type { Preferences } from '../chat/settings';
import { BrowserMemory } from './browserMemory';

const memory = new BrowserMemory('roost:look');

interface Speaking {
  lang: string;
  dir: 'ltr' | 'rtl';
}

export function dress({ theme, textSize, density }: Preferences, { lang, dir }: Speaking): void {
  const look = { 'data-theme': theme, 'data-text': `${textSize}`, 'data-density': density, lang, dir };
  for (const [name, value] of Object.entries(look)) document.documentElement.setAttribute(name, value);
  memory.write(look);
  paintFrame();
}

/** The browser's own frame takes the colour of the page. */
function paintFrame(): void {
  const canvas = getComputedStyle(document.documentElement).backgroundColor;
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    meta.setAttribute('content', canvas);
  }
}
