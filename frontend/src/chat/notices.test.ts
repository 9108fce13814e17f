import { beforeEach, expect, test, vi } from 'vitest';
import { Notices } from './notices';

let soon: (() => void)[];
let patient: (() => void)[];
let notices: Notices;

beforeEach(() => {
  soon = [];
  patient = [];
  notices = new Notices(
    (tell) => soon.push(tell),
    (tell) => patient.push(tell),
  );
});

test('a burst is told once, to those whose part has changed', () => {
  const rooms = vi.fn();
  const people = vi.fn();
  notices.subscribe('rooms', rooms);
  notices.subscribe('people', people);
  for (let one = 0; one < 100; one += 1) notices.changed('rooms');
  expect(soon).toHaveLength(1);
  soon[0]?.();
  expect(rooms).toHaveBeenCalledOnce();
  expect(people).not.toHaveBeenCalled();
});

test('what others do waits for its own moment, what the user does meanwhile does not', () => {
  const timeline = vi.fn();
  const outbox = vi.fn();
  notices.subscribe('timeline:den', timeline);
  notices.subscribe('outbox:den', outbox);
  notices.patiently(() => notices.changed('timeline:den'));
  notices.changed('outbox:den');
  soon[0]?.();
  expect(outbox).toHaveBeenCalledOnce();
  expect(timeline).not.toHaveBeenCalled();
  patient[0]?.();
  expect(timeline).toHaveBeenCalledOnce();
});

test('a change that fails leaves those after it to the user', () => {
  expect(() =>
    notices.patiently(() => {
      throw new Error('no');
    }),
  ).toThrow();
  notices.changed('rooms');
  expect(soon).toHaveLength(1);
  expect(patient).toHaveLength(0);
});
