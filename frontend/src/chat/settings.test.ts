import { expect, test } from 'vitest';
import { settled } from '../../tests/support/fakeWire';
import { DEFAULTS, MOST_PINNED, Settings } from './settings';

/** Settings as an account keeps them, and as several devices read and write them. */
function account(stored: Record<string, unknown> = {}) {
  const kept = { stored, reachable: true };
  return {
    of: 'ana',
    kept,
    load: async () => {
      if (!kept.reachable) throw new Error('nobody answers');
      return kept.stored;
    },
    save: async (settings: Record<string, unknown>) => {
      if (!kept.reachable) throw new Error('nobody answers');
      kept.stored = settings;
    },
  };
}

test('60: what is chosen counts at once and goes with the account', async () => {
  const shared = account({ ofANewerClient: 7 });
  const settings = new Settings();
  settings.signedIn(shared.kept.stored, shared);
  settings.change({ theme: 'dark' });
  expect(settings.now().theme).toBe('dark');
  await settled();
  expect(shared.kept.stored).toEqual({ ofANewerClient: 7, theme: 'dark' });
});

test('60: the size of text stays on its device', async () => {
  const shared = account({ textSize: 20 });
  const settings = new Settings();
  settings.signedIn(shared.kept.stored, shared);
  expect(settings.now().textSize).toBe(DEFAULTS.textSize);
  settings.change({ textSize: 18 });
  await settled();
  expect(shared.kept.stored).toEqual({ textSize: 20 });
});

test('60: two devices that change different things both have their way', async () => {
  const shared = account();
  const [desk, phone] = [new Settings(), new Settings()];
  desk.signedIn({}, shared);
  phone.signedIn({}, shared);
  desk.change({ theme: 'dark' });
  await settled();
  phone.change({ density: 'compact' });
  await settled();
  await desk.refresh();
  await phone.refresh();
  expect(desk.now()).toEqual(phone.now());
  expect(desk.now()).toMatchObject({ theme: 'dark', density: 'compact' });
});

test('60: what could not be saved is saved when the server is back', async () => {
  const shared = account({ theme: 'light' });
  const settings = new Settings();
  settings.signedIn(shared.kept.stored, shared);
  shared.kept.reachable = false;
  settings.change({ theme: 'contrast' });
  await settled();
  expect(settings.now().theme).toBe('contrast');
  shared.kept.reachable = true;
  await settings.refresh();
  expect(shared.kept.stored).toEqual({ theme: 'contrast' });
});

/** Remembers as a browser does. */
function browser() {
  let kept: Record<string, unknown> = {};
  return {
    read: () => kept,
    write: (remembered: object) => {
      kept = { ...remembered };
    },
  };
}

test('60: what could not be saved outlives a reload, and is saved for whom it was meant', async () => {
  const shared = account({ theme: 'light' });
  const memory = browser();
  const before = new Settings(memory);
  before.signedIn(shared.kept.stored, shared);
  shared.kept.reachable = false;
  before.change({ theme: 'contrast' });
  await settled();

  const after = new Settings(memory);
  shared.kept.reachable = true;
  after.signedIn(shared.kept.stored, shared);
  expect(after.now().theme).toBe('contrast');
  await settled();
  expect(shared.kept.stored).toEqual({ theme: 'contrast' });
  expect(memory.read()).toMatchObject({ unsaved: [] });

  shared.kept.reachable = false;
  after.change({ theme: 'dark' });
  await settled();
  const bo = { ...account({ theme: 'light' }), of: 'bo' };
  const others = new Settings(memory);
  others.signedIn(bo.kept.stored, bo);
  await settled();
  expect(others.now().theme).toBe('light');
  expect(bo.kept.stored).toEqual({ theme: 'light' });
});

test('60: an answer from before a change does not take it back', async () => {
  const shared = account({ theme: 'light' });
  const settings = new Settings();
  settings.signedIn(shared.kept.stored, shared);
  const { load } = shared;
  let answer: (() => void) | undefined;
  shared.load = () => {
    const old = shared.kept.stored;
    return new Promise((resolve) => {
      answer = () => resolve(old);
    });
  };
  const refreshing = settings.refresh();
  const answerAtLast = answer;
  shared.load = load;
  settings.change({ theme: 'dark' });
  await settled();
  expect(shared.kept.stored).toEqual({ theme: 'dark' });
  answerAtLast?.();
  await refreshing;
  expect(settings.now().theme).toBe('dark');
});

test('60: a visit without a connection is as this browser remembers it, until the account can be asked', async () => {
  const remembered = { theme: 'dark', pinned: ['den'] };
  const shared = account({ theme: 'contrast' });
  const settings = new Settings({ read: () => remembered, write: () => {} });
  settings.signedIn(undefined, shared);
  expect(settings.now()).toMatchObject(remembered);
  await settings.refresh();
  expect(settings.now()).toMatchObject({ theme: 'contrast', pinned: [] });
});

test('16: rooms open where reading stopped, unless the account says otherwise', () => {
  const settings = new Settings();
  for (const opensAt of ['newest', 'newestKeepingUnread']) {
    settings.signedIn({ opensAt }, account());
    expect(settings.now().opensAt).toBe(opensAt);
  }
  for (const stored of [{}, { opensAt: 'a word of a newer client' }]) {
    settings.signedIn(stored, account());
    expect(settings.now().opensAt).toBe('unread');
  }
});

test('values that are not understood count as not chosen', () => {
  const settings = new Settings();
  settings.signedIn(
    { theme: 'plaid', textSize: 99, pinned: [1], density: null, singleKeys: 'no', quietFrom: '24:00' },
    account(),
  );
  expect(settings.now()).toEqual(DEFAULTS);
});

test('this browser remembers the look, and whoever signs out takes their rooms along', () => {
  const memory = browser();
  const settings = new Settings(memory);
  settings.signedIn({ theme: 'dark', pinned: ['den'] }, account());
  settings.signedOut();
  expect(new Settings(memory).now()).toEqual({ ...DEFAULTS, theme: 'dark' });
});

test('a room is pinned once, the last of them, and the oldest give way', () => {
  const settings = new Settings();
  for (const id of ['a', 'b', 'a']) settings.pin(id, true);
  expect(settings.now().pinned).toEqual(['b', 'a']);
  settings.pin('b', false);
  expect(settings.now().pinned).toEqual(['a']);
  for (let index = 0; index < MOST_PINNED; index += 1) settings.pin(`room ${index}`, true);
  expect(settings.now().pinned).toHaveLength(MOST_PINNED);
  expect(settings.now().pinned).not.toContain('a');
});
