/** What a browser shows and sounds beside the page: notifications, and the chime. */
import type { BrowserContext, Page } from '@playwright/test';

interface Shown {
  readonly title: string;
  readonly body: string;
  isOpen: boolean;
}

interface Heard {
  readonly shown: Shown[];
  rung: number;
  asked: number;
}

declare global {
  interface Window {
    heard: Heard;
    clickNotification: () => void;
  }
}

/** Writes down in every tab what it shows and rings; to be called before the first page. */
export async function listens(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const heard: Heard = { shown: [], rung: 0, asked: 0 };
    let latest: Notification | undefined;
    const Plain = window.Notification;
    window.heard = heard;
    window.clickNotification = () => latest?.onclick?.call(latest, new Event('click'));
    window.Notification = class extends Plain {
      readonly #shown: Shown;
      constructor(title: string, options: NotificationOptions = {}) {
        super(title, options);
        this.#shown = { title, body: options.body ?? '', isOpen: true };
        heard.shown.push(this.#shown);
        latest = this;
      }
      override close(): void {
        this.#shown.isOpen = false;
        super.close();
      }
    };
    const Silent = window.AudioContext;
    window.AudioContext = class extends Silent {
      constructor() {
        super();
        heard.rung += 1;
      }
    };
  });
}

/** A browser that has not been asked yet, and says yes or no when it is. */
export async function answersWhenAsked(context: BrowserContext, answer: 'granted' | 'denied'): Promise<void> {
  await context.addInitScript((given) => {
    let permission: NotificationPermission = 'default';
    Object.defineProperty(Notification, 'permission', { get: () => permission });
    Notification.requestPermission = async () => {
      window.heard.asked += 1;
      permission = given;
      return given;
    };
  }, answer);
}

export const heardIn = (page: Page): Promise<Heard> => page.evaluate(() => window.heard);

/** Of several tabs together: what was shown, what of that is still there, and how often it rang. */
export async function heardInAll(...pages: Page[]): Promise<{ shown: string[]; open: number; rung: number }> {
  const all = await Promise.all(pages.map(heardIn));
  const shown = all.flatMap((heard) => heard.shown);
  return {
    shown: shown.map(({ title, body }) => `${title}: ${body}`),
    open: shown.filter(({ isOpen }) => isOpen).length,
    rung: all.reduce((sum, { rung }) => sum + rung, 0),
  };
}
