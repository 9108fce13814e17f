import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeBrowser, FakeDrafts } from '../../tests/support/fakeStorage';
import { settled } from '../../tests/support/fakeWire';
import { Drafts } from './drafts';
import { Notices } from './notices';

let browser: FakeBrowser;
let storage: FakeDrafts;
let marked: number;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
  storage = new FakeDrafts();
  marked = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

function page(): Drafts {
  const tabs = browser.tab();
  const notices = new Notices((flush) => flush());
  notices.subscribe('draft:den', () => {
    marked += 1;
  });
  const drafts = new Drafts(storage, tabs, notices);
  tabs.hear((word) => word.name === 'draft_changed' && drafts.hear(word.roomId, word.text));
  return drafts;
}

test('41: a text is kept within 300 ms of its first letter, however fast the others follow', () => {
  const drafts = page();
  for (const text of ['h', 'he', 'hel', 'hell']) {
    drafts.write('den', text);
    vi.advanceTimersByTime(74);
  }
  expect(storage.texts.get('den')).toBe('hel');
  vi.advanceTimersByTime(300);
  expect(storage.texts.get('den')).toBe('hell');
});

test('41: a new page has the texts that were begun in the last one', async () => {
  page().write('den', 'not yet');
  vi.advanceTimersByTime(300);
  const reloaded = page();
  await reloaded.restore();
  expect(reloaded.get('den')).toBe('not yet');
});

test('41: another tab shows the text, unless something is being written there', () => {
  const first = page();
  const second = page();
  const shown: string[] = [];
  second.onOtherText((_, text) => shown.push(text));
  first.write('den', 'mine');
  vi.advanceTimersByTime(300);
  expect(shown).toEqual(['mine']);
  second.write('den', 'no, mine');
  first.write('den', 'mine still');
  first.save();
  expect(second.get('den')).toBe('no, mine');
});

test('41: what was sent is gone from the storage and from other tabs at once', async () => {
  const first = page();
  const second = page();
  first.write('den', 'hello');
  first.save();
  first.clear('den');
  expect(storage.texts.size).toBe(0);
  expect(second.has('den')).toBe(false);
  const reloaded = page();
  await reloaded.restore();
  await settled();
  expect(reloaded.get('den')).toBe('');
});

test('whoever marks rooms with a draft hears of the first letter and of the last to go', () => {
  const drafts = page();
  for (const text of ['h', 'he', 'h', '']) drafts.write('den', text);
  expect(marked).toBe(2);
});

test('storage that fails keeps nobody from writing', async () => {
  storage.keep = () => Promise.reject(new Error('no room on the disk'));
  storage.list = () => Promise.reject(new Error('no room on the disk'));
  const drafts = page();
  await drafts.restore();
  drafts.write('den', 'hello');
  drafts.save();
  expect(drafts.get('den')).toBe('hello');
});
