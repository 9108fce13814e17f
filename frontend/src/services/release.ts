/**
 * The release this page runs, and whether a newer one is ready.
 *
 * The service worker fetches it in the background. Nothing here ever reloads by
 * itself: someone may be typing, and only they know when they are done.
 */

const WORKER = '/sw.js';
/** Coming back from a break may mean that the server was replaced; many breaks mean a bad line. */
const LOOK_AT_MOST_EVERY_MS = 10 * 60_000;

interface ScriptUrls {
  createScriptURL(url: string): string;
}

declare const trustedTypes:
  | { createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptUrls }
  | undefined;

class Release {
  #ready = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #registration: ServiceWorkerRegistration | undefined;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A newer release is here and waits. */
  readonly ready = (): boolean => this.#ready;

  /** Service workers exist on https and on one's own machine only; elsewhere every visit asks the server. */
  async keepAtHand(): Promise<void> {
    // A part of this release that the server does not have any more.
    addEventListener('vite:preloadError', () => this.#becomeReady());
    const { serviceWorker: workers } = navigator;
    if (!workers) return;
    const before = workers.controller;
    // The first worker of all takes over a page that is as new as itself; a later one was asked to by another tab.
    workers.addEventListener('controllerchange', () => before && this.#becomeReady());
    const registration = await workers.register(workerUrl(), { updateViaCache: 'none' });
    this.#registration = registration;
    if (registration.waiting && before) this.#becomeReady();
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed' && workers.controller) this.#becomeReady();
      });
    });
  }

  /** There is reason to believe that the server has another release by now. */
  look(): void {
    const now = Date.now();
    if (now - this.#lookedAt < LOOK_AT_MOST_EVERY_MS) return;
    this.#lookedAt = now;
    // Without a connection there will be another occasion.
    this.#registration?.update().catch(() => undefined);
  }

  /** Goes over to the newer release: the user says that now is the time. */
  use(): void {
    const waiting = this.#registration?.waiting;
    if (!waiting) {
      location.reload();
      return;
    }
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
    waiting.postMessage('take_over');
  }

  #becomeReady(): void {
    if (this.#ready) return;
    this.#ready = true;
    for (const listener of this.#listeners) listener();
  }
}

/** The one script address the page ever makes, and the one policy that lets it. */
function workerUrl(): string {
  if (typeof trustedTypes === 'undefined') return WORKER;
  return trustedTypes.createPolicy('roost', { createScriptURL: () => WORKER }).createScriptURL(WORKER);
}

export const release = new Release();
