/**
 * Keeps the page above a keyboard that lies over it.
 *
 * Most browsers make the page smaller by themselves (`interactive-widget`); in
 * the others only the visual viewport tells how much of it can be seen.
 */
import { useEffect } from 'react';

export function useScreenKeyboard(): void {
  useEffect(() => {
    const seen = window.visualViewport;
    if (!seen) return;
    const { style } = document.documentElement;
    const keepAbove = () => {
      // Somebody who has zoomed in sees less too, and wants no other page for it.
      const covered = seen.scale > 1 ? 0 : Math.max(0, window.innerHeight - seen.height);
      style.setProperty('--keyboard', `${covered}px`);
      // The browser has scrolled the page to show the field, which is in view without that.
      if (covered > 0) window.scrollTo(0, 0);
    };
    keepAbove();
    seen.addEventListener('resize', keepAbove);
    return () => {
      seen.removeEventListener('resize', keepAbove);
      style.removeProperty('--keyboard');
    };
  }, []);
}
