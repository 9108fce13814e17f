/**
 * Watches whether what is read stays where it is.
 *
 * After every frame the rows in view are compared with where they were. They may
 * have moved by what the reader scrolled: what the position changed by, less what
 * the page itself changed it by. The median of what is left over is a jump.
 */
import type { Page } from '@playwright/test';

declare global {
  interface Window {
    jumps: { worst: number; frames: number; stop: () => void };
  }
}

export async function watchJumps(page: Page): Promise<void> {
  await page.evaluate(() => {
    const list = document.querySelector('main ol');
    const view = list?.parentElement?.parentElement;
    const position = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop');
    if (!list || !view || !position?.get || !position.set) throw new Error('there is no timeline');
    const read = (): number => position.get?.call(view);
    let byItself = 0;
    Object.defineProperty(view, 'scrollTop', {
      configurable: true,
      get: read,
      set: (value: number) => {
        const before = read();
        position.set?.call(view, value);
        byItself += read() - before;
      },
    });

    const look = () => {
      const bounds = view.getBoundingClientRect();
      const feet = new Map<string, number>();
      const inView = new Set<string>();
      for (const row of list.querySelectorAll<HTMLElement>(':scope > [data-id]')) {
        const { top, bottom } = row.getBoundingClientRect();
        const id = row.dataset.id ?? '';
        feet.set(id, bottom);
        if (bottom > bounds.top && top < bounds.bottom) inView.add(id);
      }
      return { feet, inView, height: bounds.height, scrolled: read() - byItself };
    };
    const watch = { worst: 0, frames: 0, stop: () => {} };
    let before = look();
    let going = true;
    const compare = () => {
      const now = look();
      const scrolled = now.scrolled - before.scrolled;
      const shifts: number[] = [];
      for (const id of before.inView) {
        const was = before.feet.get(id);
        const foot = now.feet.get(id);
        if (was === undefined) continue;
        if (foot !== undefined) shifts.push(Math.abs(foot - was + scrolled));
        // Gone from the page without having been scrolled away.
        else if (Math.abs(scrolled) < now.height) shifts.push(now.height);
      }
      shifts.sort((a, b) => a - b);
      watch.worst = Math.max(watch.worst, shifts[shifts.length >> 1] ?? 0);
      watch.frames += 1;
      before = now;
    };
    // A message posted before a frame is painted is read after it has been.
    const { port1, port2 } = new MessageChannel();
    let size = '';
    const sizeNow = () => `${innerWidth} ${innerHeight}`;
    // Told of what has become of it just before it is painted.
    let painted = view.clientHeight;
    const observer = new ResizeObserver(() => {
      painted = view.clientHeight;
    });
    observer.observe(view);
    const frame = () => {
      size = sizeNow();
      port2.postMessage(undefined);
    };
    port1.onmessage = () => {
      if (!going) return;
      // Resized since, or something beside it has grown: that has not been painted, and is looked at with the next frame.
      if (size === sizeNow() && painted === view.clientHeight) compare();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    watch.stop = () => {
      going = false;
      observer.disconnect();
      Reflect.deleteProperty(view, 'scrollTop');
    };
    window.jumps = watch;
  });
}

/** The worst jump since the watch began, in CSS pixels. */
export async function worstJump(page: Page): Promise<number> {
  await nextFrames(page, 2);
  return page.evaluate(() => window.jumps.worst);
}

/** Waits until so many frames have been drawn. */
export async function nextFrames(page: Page, count: number): Promise<void> {
  await page.evaluate(async (frames) => {
    for (let frame = 0; frame < frames; frame += 1)
      await new Promise((resolve) => requestAnimationFrame(resolve));
  }, count);
}
