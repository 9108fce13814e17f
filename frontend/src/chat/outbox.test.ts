import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeWire, settled } from '../../tests/support/fakeWire';
import { message, time } from '../../tests/support/people';
import { Notices } from './notices';
import { type Draft, Outbox, type OutboxStorage } from './outbox';

class Shelf implements OutboxStorage {
  readonly drafts = new Map<string, Draft>();
  claim = () => Promise.resolve([...this.drafts.values()]);
  keep = (draft: Draft) => Promise.resolve(void this.drafts.set(draft.clientId, draft));
  forget = (clientId: string) => Promise.resolve(void this.drafts.delete(clientId));
  clear = () => Promise.resolve(this.drafts.clear());
}

let wire: FakeWire;
let shelf: Shelf;
let outbox: Outbox;

function makeOutbox(): Outbox {
  const made = new Outbox({
    wire,
    storage: shelf,
    notices: new Notices((flush) => flush()),
    acknowledged: () => {},
  });
  wire.listen({ opened: () => made.flush(), closed: () => {}, refused: () => {}, news: () => {} });
  return made;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(time(0)) });
  wire = new FakeWire();
  shelf = new Shelf();
  outbox = makeOutbox();
});

afterEach(() => {
  outbox.stop();
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
  expect(shelf.drafts.size).toBe(1);
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
  expect(shelf.drafts.size).toBe(0);
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
  expect(shelf.drafts.size).toBe(0);
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
  expect(shelf.drafts.size).toBe(0);
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
  vi.advanceTimersByTime(10);
  outbox.send('den', 'second');
  const reloaded = makeOutbox();
  await reloaded.restore();
  expect(reloaded.pending('den').map((one) => one.state)).toEqual(['unconfirmed', 'unconfirmed']);
  await wire.open();
  expect(wire.last('send_message').payload.content).toBe('first');
});

test('a reload does not send by itself what was refused, or what is too old to be recognised', async () => {
  await shelf.keep({ clientId: 'a', roomId: 'den', content: 'refused', createdAt: time(0), refusal: 'no' });
  await shelf.keep({ clientId: 'b', roomId: 'den', content: 'old', createdAt: time(-60 * 24 * 8) });
  await outbox.restore();
  await wire.open();
  expect(states()).toEqual(['refused: failed', 'old: failed']);
  expect(wire.requests('send_message')).toHaveLength(0);
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
  shelf.claim = () => Promise.reject(new Error('no room on the disk'));
  await wire.open();
  await outbox.restore();
  outbox.send('den', 'hello');
  await settled();
  expect(states()).toEqual(['hello: sending']);
});
