import { expect, test } from 'vitest';
import { messages, page, time } from '../../tests/support/people';
import type { MessagePage } from '../protocol';
import { Failure } from './failure';
import { History, type PageQuery } from './history';
import { Notices } from './notices';
import { Timeline } from './timeline';

/** A history of a room whose log ends at 1,000, and what was asked of the server. */
function reader(answer: (query: PageQuery) => MessagePage | Promise<MessagePage>) {
  const timeline = new Timeline({ itemsChanged: () => {}, messageChanged: () => {} });
  timeline.startAt(1_000, 'one');
  const asked: PageQuery[] = [];
  const history = new History({
    fetchPage: async (_, query) => {
      asked.push(query);
      return answer(query);
    },
    timeline: () => timeline,
    arrived: () => {},
    notices: new Notices((flush) => flush()),
  });
  return { history, timeline, asked };
}

const part = (from: number, to: number) => page(from, to, { lastSeq: 1_000, hasAfter: to < 1_000 });

test('25: a page around a message tells whether the message is there', async () => {
  const { history } = reader(() => part(400, 450));
  expect(await history.around('den', 'm420')).toBe(true);
  expect(await history.around('den', 'm9')).toBe(false);
});

test('whoever asks for a page that is on its way gets that one', async () => {
  const { history, asked } = reader(() => part(400, 450));
  expect(await Promise.all([history.around('den', 'm420'), history.around('den', 'm420')])).toEqual([
    true,
    true,
  ]);
  expect(asked).toHaveLength(1);
});

test('25: going to a day leads to the first message said on it or after it', async () => {
  const { history, asked } = reader(() => part(400, 450));
  const found = await history.at('den', new Date(time(420)));
  expect(asked).toEqual([{ at: time(420) }]);
  expect(found?.id).toBe('m420');
});

test('25: going to a day after the last message leads to that one', async () => {
  const { history } = reader(() => part(951, 1_000));
  expect((await history.at('den', new Date(time(5_000))))?.id).toBe('m1000');
});

test('however far one jumps about, six hundred messages around the reader are kept', async () => {
  const { history, timeline } = reader((query) => {
    const at = 'around' in query ? Number(query.around.slice(1)) : 1_000;
    return part(at - 25, Math.min(1_000, at + 25));
  });
  await history.newest('den');
  for (let at = 30; at <= 970; at += 50) await history.around('den', `m${at}`);
  expect(timeline.size).toBeLessThanOrEqual(600);
  expect(timeline.message('m930')).toBeDefined();
  expect(timeline.message('m30')).toBeUndefined();
});

test('filling a gap from its foot lets go of what is far above it', async () => {
  const { history, timeline } = reader((query) => {
    if (!('before' in query)) return part(951, 1_000);
    const before = Number(query.before.slice(1));
    return part(before - 50, before - 1);
  });
  timeline.expectPage().arrived(part(1, 500), 'open');
  await history.newest('den');
  for (let turn = 0; turn < 5; turn += 1) {
    const gap = timeline.items.find((item) => item.kind === 'gap');
    if (gap) await history.gap('den', gap, 'before');
  }
  expect(timeline.size).toBeLessThanOrEqual(600);
  expect(timeline.message('m1000')).toBeDefined();
  expect(timeline.message('m1')).toBeUndefined();
});

test('what could not be loaded is said, and loaded when asked for again', async () => {
  let broken = true;
  const { history, timeline } = reader(() => {
    if (broken) throw new Failure('unavailable', 'not now');
    return { ...part(951, 1_000), messages: messages(951, 1_000) };
  });
  await history.newest('den');
  expect(history.progress('den').failures.get('newest')?.code).toBe('unavailable');
  broken = false;
  await history.newest('den');
  expect(history.progress('den').failures.size).toBe(0);
  expect(timeline.size).toBe(50);
});
