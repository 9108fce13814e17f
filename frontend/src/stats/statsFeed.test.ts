import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settled } from '../../tests/support/fakeWire';
import { node, sample } from '../../tests/support/samples';
import { Failure } from '../chat/failure';
import type { NodeTold, Sample, Stats } from '../protocol';
import { StatsFeed } from './statsFeed';

const START = 1_000_000;

/** A server with one node that has handled one message in each second since it began. */
class FakeServer {
  asked: { from: number; to: number; step: number }[] = [];
  failure: Failure | undefined;
  /** Answers to fetches are held back until this is called. */
  releases: (() => void)[] = [];
  held = false;
  heard: ((nodes: readonly NodeTold[]) => void) | undefined;

  fetch = async ({ from, to, step }: { from: string; to: string; step: number }): Promise<Stats> => {
    const [first, last] = [Date.parse(from) / 1_000, Date.parse(to) / 1_000];
    this.asked.push({ from: first, to: last, step });
    if (this.held) await new Promise<void>((resolve) => this.releases.push(resolve));
    if (this.failure) throw this.failure;
    const samples: Sample[] = [];
    for (let at = Math.ceil(first / step) * step; at <= last; at += step) {
      if (at > START - 3_600) samples.push(sample(at, { seconds: step, messages: step }));
    }
    return { step, nodes: [{ ...node('a'), seenAt: to, samples }] };
  };

  watch = (heard: (nodes: readonly NodeTold[]) => void) => {
    this.heard = heard;
    return () => {
      this.heard = undefined;
    };
  };

  tell(at: number, messages = 1): void {
    this.heard?.([{ ...node('a'), sample: sample(at, { messages }) }]);
  }
}

let server: FakeServer;
let feed: StatsFeed;

beforeEach(async () => {
  vi.useFakeTimers({ now: START * 1_000 });
  server = new FakeServer();
  feed = new StatsFeed({ fetch: server.fetch, watch: server.watch, now: () => Date.now() });
  feed.start();
  await settled();
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

const known = () => feed.live.moments.filter(Boolean).length;
const last = () => feed.live.moments.at(-1)?.perSecond.messages;

test('it begins with the last quarter of an hour and goes on with what is told', () => {
  expect(feed.filled).toBe(true);
  expect(server.asked.at(-1)).toEqual({ from: START - 900, to: START, step: 1 });
  expect(known()).toBe(900);
  server.tell(START + 1, 7);
  expect(last()).toBe(7);
});

test('what is told while the past is fetched comes after it', async () => {
  server.held = true;
  feed.show('day');
  server.tell(START + 1, 7);
  expect(last()).toBe(1);
  server.held = false;
  for (const release of server.releases) release();
  await settled();
  expect(last()).toBe(7);
});

test('a longer time is the long steps first, then second by second up to now', async () => {
  feed.show('week');
  expect(feed.filled).toBe(false);
  await settled();
  expect(feed.filled).toBe(true);
  expect(server.asked.slice(2).map(({ step }) => step)).toEqual([300, 1]);
  expect(feed.shown.moments.filter(Boolean)).toHaveLength(13);
  expect(feed.shown.moments.at(-1)?.nodes[0]?.sample.seconds).toBe(START % 300);
});

test('a day is known beside the last quarter of an hour, to see how things go on', async () => {
  expect(server.asked[0]).toEqual({ from: START - 86_400, to: START, step: 300 });
  expect(feed.longest.moments.filter(Boolean)).toHaveLength(13);
  server.tell(START + 1, 7);
  expect(feed.longest.moments.at(-1)?.nodes[0]?.sample.seconds).toBe((START + 1) % 300);
  feed.show('month');
  await settled();
  expect(feed.longest).toBe(feed.shown);
});

test('while nobody looks nothing is told, and only what was missed is asked for afterwards', async () => {
  feed.stop();
  expect(server.heard).toBeUndefined();
  vi.setSystemTime((START + 60) * 1_000);
  feed.start();
  await settled();
  expect(server.asked.at(-1)).toEqual({ from: START, to: START + 60, step: 1 });
  expect(known()).toBe(900);
  expect(feed.live.newest).toBe(START + 60);
});

test('after a long absence it begins anew', async () => {
  feed.stop();
  vi.setSystemTime((START + 3_600) * 1_000);
  feed.start();
  await settled();
  expect(server.asked.at(-1)).toMatchObject({ from: START + 2_700 });
  expect(known()).toBe(900);
});

test('a failure is said, what is known stays, and a new attempt mends it', async () => {
  server.failure = new Failure('unavailable', 'away');
  feed.show('day');
  await settled();
  expect(feed.failure?.code).toBe('unavailable');
  expect(known()).toBe(900);
  server.failure = undefined;
  feed.retry();
  await settled();
  expect(feed.failure).toBeUndefined();
  expect(feed.filled).toBe(true);
});

test('an answer that comes after another range was chosen is not shown', async () => {
  server.held = true;
  feed.show('week');
  const { releases } = server;
  server.held = false;
  feed.show('day');
  await settled();
  for (const release of releases) release();
  await settled();
  expect(feed.shown.columnSeconds).toBe(60);
});

test('when nothing has been told for some seconds, that is said', () => {
  const changed = vi.fn();
  feed.subscribe(changed);
  server.tell(START + 1);
  expect(feed.stale).toBe(false);
  vi.advanceTimersByTime(6_000);
  expect(feed.stale).toBe(true);
  expect(changed).toHaveBeenCalledTimes(2);
});

test('what was told while the line was away is asked for when it is back', async () => {
  server.tell(START + 1);
  vi.advanceTimersByTime(20_000);
  server.tell(START + 20);
  await settled();
  expect(server.asked.at(-1)).toEqual({ from: START + 1, to: START + 20, step: 1 });
  expect(known()).toBe(900);
});
