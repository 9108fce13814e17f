import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeWire } from '../../tests/support/fakeWire';
import { Connection } from './connection';
import { Failure } from './failure';
import { Notices } from './notices';

let wire: FakeWire;
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  wire = new FakeWire();
  connection = new Connection(wire, new Notices((flush) => flush()));
  connection.start();
});

afterEach(() => vi.useRealTimers());

test('a broken connection is tried again soon, and less and less often', () => {
  connection.opened();
  connection.closed();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const { status } = connection;
    if (status.phase !== 'waiting') throw new Error(`not waiting but ${status.phase}`);
    waits.push(status.retryAt - Date.now());
    vi.advanceTimersByTime(status.retryAt - Date.now());
    connection.refused(new Failure('unavailable', 'still down'));
  }
  expect(waits).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]);
  expect(wire.attempts).toBe(9);
});

test('the moment of the loss is kept through all attempts', () => {
  connection.opened();
  const lostAt = Date.now();
  connection.closed();
  vi.advanceTimersByTime(400);
  connection.refused(new Failure('unavailable', 'still down'));
  vi.advanceTimersByTime(800);
  connection.closed();
  expect(connection.status).toMatchObject({ phase: 'waiting', lostAt });
});

test('retrying by hand does not wait, and does not try twice', () => {
  connection.closed();
  connection.retryNow();
  expect(wire.attempts).toBe(2);
  vi.advanceTimersByTime(60_000);
  expect(wire.attempts).toBe(2);
});

test('a server that is about to stop says when to come back', () => {
  vi.mocked(Math.random).mockReturnValue(0.9);
  connection.opened();
  connection.draining(3_000);
  connection.closed();
  expect(connection.status).toMatchObject({ phase: 'waiting', retryAt: Date.now() + 3_000 });
});

test('a session that the server does not know ends it', () => {
  expect(connection.refused(new Failure('unauthorized', 'gone'))).toBe(true);
  expect(connection.status).toEqual({ phase: 'ended' });
  vi.advanceTimersByTime(60_000);
  expect(wire.attempts).toBe(1);
});
