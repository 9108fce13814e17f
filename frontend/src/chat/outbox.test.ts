import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeBrowser, FakeOutbox } from '../../tests/support/fakeStorage';
import { FakeWire, settled } from '../../tests/support/fakeWire';
import { message, time } from '../../tests/support/people';
import { Notices } from './notices';
import { Outbox, type OutboxWord } from './outbox';

let browser: FakeBrowser;
let wire: FakeWire;
let shelf: FakeOutbox;
let outbox: Outbox;
let opened: Outbox[];

/** A page of the browser, over a wire of its own. */
function makeOutbox(over: FakeWire = wire): Outbox {
  const tabs = browser.tab();
  const made = new Outbox({
    wire: over,
    storage: shelf,
    tabs,
    notices: new Notices((flush) => flush()),
    added: () => {},
    acknowledged: () => {},
  });
  tabs.hear((word) => made.hear(word as OutboxWord));
  over.listen({ opened: () => made.flush(), closed: () => {}, refused: () => {}, news: () => {} });
  opened.push(made);
  return made;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(time(0)) });
  browser = new FakeBrowser();
  wire = new FakeWire();
  shelf = new FakeOutbox();
  opened = [];
  outbox = makeOutbox();
});

afterEach(() => {
  for (const one of opened) one.stop();
  vi.useRealTimers();
});

const states = () => outbox.pending('den').map((one) => `${one.content}: ${one.state}`);
const stored = (seq: number, clientId: string, duplicate = false) => ({
  message: message(seq, { clientId }),
  duplicate,
});

test('a message waits for a connection and leaves as soon as there is one', async () => {
  outbox.send('den', 'hello');
  expect(states()).toEqual(['hello: waiting']);
  expect(shelf.messages.size).toBe(1);
  await wire.open();
  expect(states()).toEqual(['hello: sending']);
  expect(wire.last('send_message').payload.content).toBe('hello');
});

test('messages of a room leave one after the other, in the order they were written', async () => {
  await wire.open();
  const first = outbox.send('den', 'first');
  outbox.send('den', 'second');
  await settled();
  expect(wire.requests('send_message')).toHaveLength(1);
  await wire.last('send_message').answer(stored(1, first.clientId));
  expect(wire.requests('send_message').map((sent) => sent.payload.content)).toEqual(['first', 'second']);
});

test('rooms do not wait for each other', async () => {
  await wire.open();
  outbox.send('den', 'here');
  outbox.send('attic', 'there');
  await settled();
  expect(wire.requests('send_message')).toHaveLength(2);
});

test('an acknowledged message is forgotten by the storage and stays until it is seen in the log', async () => {
  await wire.open();
  const { clientId } = outbox.send('den', 'hello');
  await settled();
  await wire.last('send_message').answer(stored(7, clientId));
  expect(shelf.messages.size).toBe(0);
  expect(states()).toEqual(['hello: stored']);
  outbox.caughtUp('den', 6);
  expect(states()).toEqual(['hello: stored']);
  outbox.caughtUp('den', 7);
  expect(states()).toEqual([]);
});

test('when the connection breaks before the answer, the same message goes out again under the same id', async () => {
  await wire.open();
  const { clientId } = outbox.send('den', 'hello');
  await settled();
  await wire.break();
  expect(states()).toEqual(['hello: unconfirmed']);
  await wire.open();
  await vi.advanceTimersByTimeAsync(2_000);
  const attempts = wire.requests('send_message');
  expect(attempts.map((sent) => sent.payload.clientId)).toEqual([clientId, clientId]);
});

test('a repeat that the server has seen before counts as success', async () => {
  await wire.open();
  const { clientId } = outbox.send('den', 'hello');
  await settled();
  await wire.last('send_message').fail('timeout');
  await vi.advanceTimersByTimeAsync(2_000);
  await wire.last('send_message').answer(stored(3, clientId, true));
  outbox.caughtUp('den', 3);
  expect(states()).toEqual([]);
  expect(shelf.messages.size).toBe(0);
});

test('an unconfirmed message holds back the ones written after it', async () => {
  await wire.open();
  outbox.send('den', 'first');
  outbox.send('den', 'second');
  await settled();
  await wire.last('send_message').fail('unavailable');
  expect(states()).toEqual(['first: unconfirmed', 'second: waiting']);
  expect(wire.requests('send_message')).toHaveLength(1);
});

test('a refused message fails with its reason and lets the next one go', async () => {
  await wire.open();
  outbox.send('den', 'first');
  outbox.send('den', 'second');
  await settled();
  await wire.last('send_message').fail('forbidden');
  expect(states()).toEqual(['first: failed', 'second: sending']);
  expect(outbox.pending('den')[0]?.refusal).toBe('forbidden');
});

test('a failed message is tried again under the same id when its author says so', async () => {
  await wire.open();
  const { clientId } = outbox.send('den', 'hello');
  await settled();
  await wire.last('send_message').fail('forbidden');
  const [failed] = outbox.pending('den');
  if (failed) outbox.retry(failed);
  await settled();
  expect(wire.last('send_message').payload.clientId).toBe(clientId);
  expect(states()).toEqual(['hello: sending']);
});

test('a failed message can be thrown away for good', async () => {
  await wire.open();
  outbox.send('den', 'hello');
  await settled();
  await wire.last('send_message').fail('invalid');
  const [failed] = outbox.pending('den');
  if (failed) outbox.discard(failed);
  expect(states()).toEqual([]);
  expect(shelf.messages.size).toBe(0);
});

test('someone who writes too fast is made to wait, not refused', async () => {
  await wire.open();
  outbox.send('den', 'hello');
  await settled();
  await wire.last('send_message').fail('rate_limited', 700);
  expect(states()).toEqual(['hello: waiting']);
  await vi.advanceTimersByTimeAsync(699);
  expect(wire.requests('send_message')).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(wire.requests('send_message')).toHaveLength(2);
});

test('a reload brings back what was not confirmed, and sends it again in order', async () => {
  outbox.send('den', 'first');
  outbox.send('den', 'second');
  await settled();
  const reloaded = makeOutbox();
  await reloaded.restore();
  expect(reloaded.pending('den').map((one) => one.state)).toEqual(['waiting', 'waiting']);
  await wire.open();
  expect(wire.last('send_message').payload.content).toBe('first');
});

test('after a reload, what may have left is said to be unconfirmed and what never left to be waiting', async () => {
  await wire.open();
  outbox.send('den', 'first');
  outbox.send('den', 'second');
  await settled();
  wire = new FakeWire();
  const reloaded = makeOutbox();
  await reloaded.restore();
  expect(reloaded.pending('den').map((one) => one.state)).toEqual(['unconfirmed', 'waiting']);
});

test('a reload does not send by itself what was refused, or what is too old to be recognised', async () => {
  const old = { roomId: 'den', createdAt: time(-60 * 24 * 8) };
  await shelf.keep({ clientId: 'a', roomId: 'den', content: 'refused', createdAt: time(0), refusal: 'no' });
  await shelf.keep({ ...old, clientId: 'b', content: 'left long ago', attempted: true });
  await shelf.keep({ ...old, clientId: 'c', content: 'never left' });
  await outbox.restore();
  await wire.open();
  expect(states()).toEqual(['left long ago: lapsed', 'never left: failed', 'refused: failed']);
  expect(wire.requests('send_message')).toHaveLength(0);
});

test('what is too old goes out again when its author says so', async () => {
  await shelf.keep({
    clientId: 'a',
    roomId: 'den',
    content: 'old',
    createdAt: time(-60 * 24 * 8),
    attempted: true,
  });
  await outbox.restore();
  await wire.open();
  const [lapsed] = outbox.pending('den');
  if (lapsed) outbox.retry(lapsed);
  await settled();
  expect(wire.last('send_message').payload.clientId).toBe('a');
});

test('a message that turns up in the log needs no acknowledgement any more', async () => {
  await wire.open();
  const { clientId } = outbox.send('den', 'hello');
  await settled();
  await wire.break();
  outbox.arrived('den', clientId);
  expect(states()).toEqual([]);
  await wire.open();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wire.requests('send_message')).toHaveLength(1);
});

test('storage that fails keeps nobody from sending', async () => {
  shelf.keep = () => Promise.reject(new Error('no room on the disk'));
  shelf.list = () => Promise.reject(new Error('no room on the disk'));
  await wire.open();
  await outbox.restore();
  outbox.send('den', 'hello');
  await settled();
  expect(states()).toEqual(['hello: sending']);
});

test('a message the storage has no room for is sent all the same', async () => {
  shelf.keep = () => Promise.reject(new Error('no room on the disk'));
  await wire.open();
  outbox.send('den', 'hello');
  await settled();
  expect(states()).toEqual(['hello: sending']);
});

test('a new connection does not wait for what the last one waited for', async () => {
  await wire.open();
  outbox.send('den', 'hello');
  await settled();
  await wire.break();
  await wire.open();
  await settled();
  expect(wire.requests('send_message')).toHaveLength(2);
});

test('trying again does not wait for what would have been tried by itself', async () => {
  await wire.open();
  outbox.send('den', 'hello');
  await settled();
  await wire.last('send_message').fail('timeout');
  const [unconfirmed] = outbox.pending('den');
  if (unconfirmed) outbox.retry(unconfirmed);
  await settled();
  expect(wire.requests('send_message')).toHaveLength(2);
});

test('39: what waits in two tabs goes out in the order it was written, through one of them', async () => {
  const elsewhere = new FakeWire();
  const second = makeOutbox(elsewhere);
  for (const [tab, text] of [
    [outbox, 'one'],
    [second, 'two'],
    [outbox, 'three'],
  ] as const) {
    tab.send('den', text);
    await settled();
    vi.advanceTimersByTime(10);
  }
  expect(states()).toEqual(['one: waiting', 'two: waiting', 'three: waiting']);
  await wire.open();
  await elsewhere.open();
  for (const seq of [1, 2, 3]) {
    const sent = wire.last('send_message');
    await sent.answer(stored(seq, sent.payload.clientId ?? ''));
    await settled();
  }
  expect(wire.requests('send_message').map((sent) => sent.payload.content)).toEqual(['one', 'two', 'three']);
  expect(elsewhere.requests('send_message')).toHaveLength(0);
  expect(second.pending('den').map((one) => one.state)).toEqual(['stored', 'stored', 'stored']);
  expect(shelf.messages.size).toBe(0);
});

test('68: where one tab loses its connection in the middle, the other goes on', async () => {
  const elsewhere = new FakeWire();
  makeOutbox(elsewhere);
  await wire.open();
  await elsewhere.open();
  const { clientId } = outbox.send('den', 'hello');
  await settled();
  await wire.break();
  await settled();
  expect(elsewhere.last('send_message').payload.clientId).toBe(clientId);
  await elsewhere.last('send_message').answer(stored(1, clientId, true));
  expect(states()).toEqual(['hello: stored']);
});

test('a refusal that one tab hears of shows in all of them, and so does trying again', async () => {
  const second = makeOutbox(new FakeWire());
  await wire.open();
  outbox.send('den', 'hello');
  await settled();
  await wire.last('send_message').fail('forbidden');
  await settled();
  expect(second.pending('den').map((one) => [one.state, one.refusal])).toEqual([['failed', 'forbidden']]);
  const [failed] = second.pending('den');
  if (failed) second.retry(failed);
  await settled();
  expect(states()).toEqual(['hello: sending']);
});

test('what is thrown away in one tab is gone in all of them', async () => {
  const second = makeOutbox(new FakeWire());
  outbox.send('den', 'hello');
  await settled();
  const [waiting] = second.pending('den');
  if (waiting) second.discard(waiting);
  expect(states()).toEqual([]);
  expect(shelf.messages.size).toBe(0);
});

test('no more than five hundred messages wait in a room', async () => {
  for (let number = 1; number < 500; number += 1) outbox.send('den', `${number}`);
  expect(outbox.isFull('den')).toBe(false);
  outbox.send('den', 'the last');
  expect(outbox.isFull('den')).toBe(true);
  expect(outbox.isFull('attic')).toBe(false);
  await settled();
});

test('a message seen in the log before the line broke is not told of to other tabs', async () => {
  const second = makeOutbox(new FakeWire());
  await wire.open();
  const { clientId } = outbox.send('den', 'hello');
  await settled();
  outbox.arrived('den', clientId);
  second.arrived('den', clientId);
  await wire.break();
  await settled();
  expect([states(), second.pending('den')]).toEqual([[], []]);
});

test('what another tab took care of without a word is not waited for', async () => {
  await outbox.restore();
  outbox.hear({
    name: 'message_kept',
    message: { clientId: 'c', roomId: 'den', content: 'hello', createdAt: time(0) },
  });
  expect(states()).toEqual(['hello: waiting']);
  await wire.open();
  expect(states()).toEqual([]);
  expect(wire.requests('send_message')).toHaveLength(0);
});
