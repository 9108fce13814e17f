/**
 * The service worker: keeps the client itself at hand, so that it opens at once
 * and without a connection.
 *
 * A release is fetched whole and kept under its version. A newer one waits
 * beside it until somebody asks for it or no tab is left; it never takes a page
 * from under anybody. Only the client's own files pass here: what people write
 * and read is kept elsewhere, and requests for it are not touched.
 */

declare const self: ServiceWorkerGlobalScope;

// Makes a module of it, whose `self` is its own.
export {};

/** What the release is made of; the build writes it above this script. */
declare const RELEASE: {
  readonly version: string;
  readonly files: readonly string[];
  /** The SHA-256 of the page, in hexadecimal. */
  readonly page: string;
};

const PREFIX = 'roost-release-';
const OURS = PREFIX + RELEASE.version;
const PAGE = '/';
/** As the server has it: nobody who opens one of these wants the client instead. */
const NOT_PAGES = /^\/(api|socket\.io|health|assets)(\/|$)/;
/** The server says that answers differ by coding, which is of no concern once they are here. */
const ANY_CODING = { ignoreVary: true };

self.addEventListener('install', (event) => event.waitUntil(fetchRelease()));

self.addEventListener('activate', (event) => event.waitUntil(takeOver()));

self.addEventListener('message', (event) => {
  if (event.data === 'take_over') event.waitUntil(self.skipWaiting());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (!NOT_PAGES.test(pathname)) event.respondWith(answer(PAGE, request));
  } else if (pathname.startsWith('/assets/') || RELEASE.files.includes(pathname)) {
    event.respondWith(answer(request.url, request));
  }
});

/** All of it or nothing: half a release would open and then fail. */
async function fetchRelease(): Promise<void> {
  const cache = await caches.open(OURS);
  // A hashed name means the same for ever; the others are asked for anew.
  const fresh = (path: string) =>
    new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'no-cache' });
  await cache.addAll(RELEASE.files.map(fresh));
  // While servers are being replaced, the page may come from another release than this script.
  const page = await cache.match(PAGE, ANY_CODING);
  if (page && (await hashOf(page)) === RELEASE.page) return;
  await caches.delete(OURS);
  throw new Error('The page is of another release.');
}

async function takeOver(): Promise<void> {
  const releases = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== OURS);
  // Tabs that were not reloaded still run the last one, and may load parts of it.
  await Promise.all(releases.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(path: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(OURS)).match(path, ANY_CODING);
  return kept ?? (await caches.match(path, ANY_CODING)) ?? fetch(request);
}

async function hashOf(response: Response): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
