import { createHash } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';

type Listener = (event: Record<string, unknown>) => void;

/** Caches as the browser has them, in the order in which they were opened. */
class Caches {
  readonly all = new Map<string, Map<string, string>>();

  open = async (name: string) => {
    const kept = this.all.get(name) ?? new Map<string, string>();
    this.all.set(name, kept);
    return {
      addAll: async (requests: { url: string }[]) => {
        for (const { url } of requests) kept.set(url, url === '/' ? page : `content of ${url}`);
      },
      match: async (path: string) => answerOf(kept.get(path)),
    };
  };
  keys = async () => [...this.all.keys()];
  delete = async (name: string) => this.all.delete(name);
  match = async (path: string) =>
    answerOf([...this.all.values()].map((kept) => kept.get(path)).find((body) => body !== undefined));
}

const answerOf = (body: string | undefined) => (body === undefined ? undefined : new Response(body));

let page: string;
let stores: Caches;
let listeners: Map<string, Listener>;

beforeEach(async () => {
  page = 'the page';
  stores = new Caches();
  listeners = new Map();
  vi.stubGlobal('self', {
    addEventListener: (name: string, listener: Listener) => listeners.set(name, listener),
    location: { origin: 'https://roost.test' },
    clients: { claim: () => Promise.resolve() },
  });
  vi.stubGlobal('caches', stores);
  // The real one takes no address without an origin here.
  vi.stubGlobal(
    'Request',
    class {
      readonly url: string;
      constructor(url: string) {
        this.url = url;
      }
    },
  );
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('from the server')));
  const hash = createHash('sha256').update('the page').digest('hex');
  vi.stubGlobal('RELEASE', { version: 'new', files: ['/', '/assets/app-1a.js', '/favicon.svg'], page: hash });
  vi.resetModules();
  await import('./worker');
});

async function happens(name: string): Promise<void> {
  let done: unknown;
  listeners.get(name)?.({ waitUntil: (work: unknown) => (done = work) });
  await done;
}

/** What the worker answers; `untouched` when it leaves the request to the network. */
async function answers(url: string, mode = 'cors', method = 'GET'): Promise<string> {
  let given: unknown;
  listeners.get('fetch')?.({
    request: { url: new URL(url, 'https://roost.test').href, mode, method },
    respondWith: (response: unknown) => (given = response),
  });
  return given ? ((await given) as Response).text() : 'untouched';
}

test('a release is kept whole, under its version', async () => {
  await happens('install');
  expect([...(stores.all.get('roost-release-new') ?? [])].map(([path]) => path)).toEqual([
    '/',
    '/assets/app-1a.js',
    '/favicon.svg',
  ]);
});

test('a page that comes from another release is not taken for this one', async () => {
  page = 'the page of the last release';
  await expect(happens('install')).rejects.toThrow('another release');
  expect(stores.all.size).toBe(0);
});

test('the last release stays for tabs that still run it, and those before go', async () => {
  for (const name of ['roost-release-oldest', 'roost-release-last', 'not ours']) await stores.open(name);
  await happens('install');
  await happens('activate');
  expect([...stores.all.keys()]).toEqual(['roost-release-last', 'not ours', 'roost-release-new']);
});

test('every address of the client opens the page that is kept', async () => {
  await happens('install');
  for (const path of ['/', '/r/1', '/r/1/m/2', '/apian']) {
    expect(await answers(path, 'navigate')).toBe('the page');
  }
});

test('what people write and read is left alone, and so is everybody else’s', async () => {
  await happens('install');
  for (const path of [
    '/api/rooms',
    '/socket.io/?EIO=4',
    'https://elsewhere.test/assets/app-1a.js',
    '/later',
  ]) {
    expect(await answers(path)).toBe('untouched');
  }
  expect(await answers('/api/docs', 'navigate')).toBe('untouched');
  expect(await answers('/assets/app-1a.js', 'cors', 'POST')).toBe('untouched');
});

test('a part of the client that is not kept is asked of the server', async () => {
  await happens('install');
  expect(await answers('/assets/other-2b.js')).toBe('from the server');
});
