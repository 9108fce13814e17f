import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeDeletions } from '../../tests/support/fakeStorage';
import { Deletions, UNDO_MS } from './deletions';
import { Failure } from './failure';
import { Notices } from './notices';

const one = { roomId: 'den', id: 'm1' };
let storage: FakeDeletions;
let asked: string[];
let answer: () => Promise<unknown>;
const ends = { over: vi.fn(), refused: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  storage = new FakeDeletions();
  asked = [];
  answer = () => Promise.resolve();
});

afterEach(() => {
  vi.useRealTimers();
});

function page(): Deletions {
  return new Deletions({
    storage,
    notices: new Notices((flush) => flush()),
    request: (_, messageId) => {
      asked.push(messageId);
      return answer();
    },
  });
}

test('29: a deletion is sent when the time to undo it is over, and not before', async () => {
  const deletions = page();
  deletions.begin(one, ends);
  expect(deletions.has('m1')).toBe(true);
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual(['m1']);
  expect(storage.list()).toEqual([]);
  // The log has yet to say so.
  expect(deletions.has('m1')).toBe(true);
});

test('29: what was undone is never sent, by no page', async () => {
  const deletions = page();
  deletions.begin(one, ends);
  deletions.undo('m1');
  expect(ends.over).toHaveBeenCalledOnce();
  expect(deletions.has('m1')).toBe(false);
  await deletions.flush();
  deletions.resume();
  page().resume();
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(asked).toEqual([]);
});

test('29: it is sent at once when the reader goes away, and can then not be undone', async () => {
  const deletions = page();
  deletions.begin(one, ends);
  void deletions.flush();
  expect(ends.over).toHaveBeenCalledOnce();
  expect(asked).toEqual(['m1']);
  deletions.undo('m1');
  expect(deletions.has('m1')).toBe(true);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(asked).toEqual(['m1']);
});

test('29: without a connection it stays deleted here, and is asked for again', async () => {
  answer = () => Promise.reject(new Failure('disconnected', 'no connection'));
  const deletions = page();
  deletions.begin(one, ends);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(deletions.has('m1')).toBe(true);
  answer = () => Promise.resolve();
  deletions.resume();
  await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
  expect(asked).toEqual(['m1', 'm1']);
  expect(storage.list()).toEqual([]);
});

test('29: a page that ends in the meantime leaves the deletion to the next one', async () => {
  page().begin(one, ends);
  vi.clearAllTimers();
  page().resume();
  // The page that began it may be a tab that is still there.
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
  expect(asked).toEqual(['m1']);
});

test('29: the other tab may still undo it', async () => {
  const here = page();
  here.begin(one, ends);
  page().resume();
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  here.undo('m1');
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(asked).toEqual([]);
});

test('29: what the server refuses comes back, and is said', async () => {
  answer = () => Promise.reject(new Failure('forbidden', 'not yours'));
  const deletions = page();
  deletions.begin(one, ends);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(ends.refused).toHaveBeenCalledWith(expect.objectContaining({ code: 'forbidden' }));
  expect(deletions.has('m1')).toBe(false);
  expect(storage.list()).toEqual([]);
});

test('29: whoever signs out leaves no deletion undone', async () => {
  const [here, there] = [page(), page()];
  here.begin(one, ends);
  there.begin({ roomId: 'den', id: 'm2' }, ends);
  await here.finish();
  expect(asked).toEqual(['m1', 'm2']);
  expect(storage.list()).toEqual([]);
});
