import { expect, test, vi } from 'vitest';
import {
  ana,
  deleted,
  edited,
  left,
  message,
  messages,
  page,
  reacted,
  received,
} from '../../tests/support/people';
import { callsEverybody, Timeline } from './timeline';

const nobody = { itemsChanged: () => {}, messageChanged: () => {} };

function timelineAt(lastSeq: number): Timeline {
  const timeline = new Timeline(nobody);
  timeline.startAt(lastSeq, 'one');
  return timeline;
}

/** What is shown: the numbers of messages, and a bar where some are missing. */
function shown(timeline: Timeline): string {
  return timeline.items.map((item) => (item.kind === 'gap' ? '|' : item.id.slice(1))).join(' ');
}

test('live messages appear in order', () => {
  const timeline = timelineAt(4);
  expect(timeline.apply(received(message(5)))).toBe('applied');
  expect(timeline.apply(received(message(6)))).toBe('applied');
  expect(shown(timeline)).toBe('5 6');
  expect(timeline.lastSeq).toBe(6);
});

test('an entry that comes twice is applied once', () => {
  const timeline = timelineAt(4);
  timeline.apply(received(message(5)));
  expect(timeline.apply(received(message(5, { content: 'again' })))).toBe('known');
  expect(timeline.message('m5')?.content).toBe('message 5');
});

test('an entry beyond a missing one is refused, so that the missing one is asked for', () => {
  const timeline = timelineAt(4);
  expect(timeline.apply(received(message(6)))).toBe('gap');
  expect(timeline.lastSeq).toBe(4);
  expect(shown(timeline)).toBe('');
});

test('entries of other kinds take their place in the log without leaving a gap', () => {
  const timeline = timelineAt(4);
  timeline.apply(received(message(5)));
  timeline.apply(left(6, 'u-cleo'));
  timeline.apply(received(message(7)));
  expect(shown(timeline)).toBe('5 7');
});

test('a page of history joins the live messages without a seam', () => {
  const timeline = timelineAt(4);
  const pending = timeline.expectPage();
  timeline.apply(received(message(5)));
  pending.arrived(page(1, 4), 'open');
  expect(shown(timeline)).toBe('1 2 3 4 5');
  expect(timeline.reachesStart).toBe(true);
});

test('a page that is ahead of the live feed neither doubles nor loses what follows', () => {
  const timeline = timelineAt(4);
  timeline.expectPage().arrived(page(3, 6), 'open');
  timeline.apply(received(message(5)));
  timeline.apply(received(message(6)));
  timeline.apply(received(message(7)));
  expect(shown(timeline)).toBe('3 4 5 6 7');
});

test('paging back goes on until the beginning', () => {
  const timeline = timelineAt(9);
  timeline.expectPage().arrived(page(7, 9), 'open');
  expect(timeline.reachesStart).toBe(false);
  timeline.expectPage().arrived(page(4, 6), { before: 7 });
  timeline.expectPage().arrived(page(2, 3, { hasBefore: false }), { before: 4 });
  expect(shown(timeline)).toBe('2 3 4 5 6 7 8 9');
  expect(timeline.reachesStart).toBe(true);
});

test('a jump into the past leaves a visible gap, which closes from both sides', () => {
  const timeline = timelineAt(40);
  timeline.expectPage().arrived(page(38, 40), 'open');
  timeline.expectPage().arrived(page(10, 12, { hasAfter: true, lastSeq: 40 }), 'open');
  expect(shown(timeline)).toBe('10 11 12 | 38 39 40');
  timeline.expectPage().arrived(page(13, 15, { hasAfter: true, lastSeq: 40 }), { after: 12 });
  expect(shown(timeline)).toBe('10 11 12 13 14 15 | 38 39 40');
  timeline.expectPage().arrived(page(16, 37), { before: 38 });
  expect(shown(timeline)).toBe(
    messages(10, 40)
      .map((one) => one.seq)
      .join(' '),
  );
});

test('a gap with no messages in it closes by itself', () => {
  const timeline = timelineAt(20);
  timeline.expectPage().arrived(page(18, 20), 'open');
  timeline.expectPage().arrived(page(10, 12, { hasAfter: true, lastSeq: 20 }), 'open');
  timeline
    .expectPage()
    .arrived({ messages: [], lastSeq: 20, hasBefore: true, hasAfter: true }, { before: 18 });
  expect(shown(timeline)).toBe('10 11 12 | 18 19 20');
  timeline.expectPage().arrived(page(18, 20, { messages: messages(18, 20) }), { after: 12 });
  expect(shown(timeline)).toBe('10 11 12 18 19 20');
});

test('a change replaces its message only when it is later than what is known', () => {
  const timeline = timelineAt(0);
  timeline.apply(received(message(1)));
  timeline.revise({ ...message(1), revSeq: 3, content: 'from the acknowledgement' });
  timeline.apply(edited(2, message(1), 'older edit'));
  expect(timeline.message('m1')?.content).toBe('from the acknowledgement');
  timeline.apply(edited(3, message(1), 'the same edit again'));
  expect(timeline.message('m1')?.content).toBe('from the acknowledgement');
  timeline.apply(edited(4, message(1), 'newer edit'));
  expect(timeline.message('m1')?.content).toBe('newer edit');
});

test('a reaction that the message already includes is not counted again', () => {
  const timeline = timelineAt(0);
  const now = message(1, { revSeq: 2, reactions: [{ emoji: '👍', count: 1, userIds: ['u-cleo'] }] });
  timeline.apply(received(now));
  timeline.apply(reacted(2, 'm1', '👍', 'u-cleo'));
  expect(timeline.message('m1')?.reactions).toEqual([{ emoji: '👍', count: 1, userIds: ['u-cleo'] }]);
  timeline.apply(reacted(3, 'm1', '👍', 'u-ana'));
  expect(timeline.message('m1')?.reactions[0]?.count).toBe(2);
});

test('an edit that happens while the page is on its way is not lost', () => {
  const timeline = timelineAt(4);
  const pending = timeline.expectPage();
  timeline.apply(edited(5, message(3), 'edited meanwhile'));
  pending.arrived(page(1, 4), 'open');
  expect(timeline.message('m3')?.content).toBe('edited meanwhile');
});

test('a text deleted while its page is on its way does not appear', () => {
  const timeline = timelineAt(4);
  const pending = timeline.expectPage();
  timeline.apply(deleted(5, message(3)));
  pending.arrived(page(1, 4), 'open');
  expect(timeline.message('m3')?.content).toBe('');
});

test('a deleted text does not live on in the quotes of its replies', () => {
  const timeline = timelineAt(0);
  const first = message(1);
  timeline.apply(received(first));
  timeline.apply(
    received(message(2, { replyTo: { id: 'm1', seq: 1, author: first.author, excerpt: 'message 1' } })),
  );
  timeline.apply(deleted(3, first));
  expect(timeline.message('m2')?.replyTo?.excerpt).toBe('');
});

test('starting over forgets what may have changed unseen, and drops pages asked for before', () => {
  const timeline = timelineAt(4);
  timeline.apply(received(message(5)));
  const pending = timeline.expectPage();
  timeline.startFrom({ messages: messages(90, 92), hasBefore: true, lastSeq: 92, epoch: 'two' });
  pending.arrived(page(1, 4), 'open');
  expect(shown(timeline)).toBe('90 91 92');
  expect(timeline.epoch).toBe('two');
});

test('what is dropped at the far end becomes a gap and can be loaded again', () => {
  const timeline = timelineAt(0);
  for (const one of messages(1, 10)) timeline.apply(received(one));
  timeline.trim('oldest', 6);
  expect(shown(timeline)).toBe('1 2 3 4 5 6 |');
  expect(timeline.reachesEnd).toBe(false);
  timeline.apply(received(message(11)));
  expect(shown(timeline)).toBe('1 2 3 4 5 6 | 11');
  timeline.expectPage().arrived(page(7, 11), { after: 6 });
  expect(shown(timeline)).toBe('1 2 3 4 5 6 7 8 9 10 11');
});

test('what is kept can be around one message, with a gap on either side', () => {
  const timeline = timelineAt(0);
  for (const one of messages(1, 20)) timeline.apply(received(one));
  timeline.trim({ around: 'm10' }, 6);
  expect(shown(timeline)).toBe('7 8 9 10 11 12 |');
  expect(timeline.reachesStart).toBe(false);
  timeline.apply(received(message(21)));
  expect(shown(timeline)).toBe('7 8 9 10 11 12 | 21');
});

test('dropping the oldest messages means that the beginning is not here any more', () => {
  const timeline = timelineAt(0);
  for (const one of messages(1, 10)) timeline.apply(received(one));
  expect(timeline.reachesStart).toBe(true);
  timeline.trim('newest', 4);
  expect(shown(timeline)).toBe('7 8 9 10');
  expect(timeline.reachesStart).toBe(false);
});

test('unread messages are counted only when every one of them is known to be here', () => {
  const timeline = timelineAt(4);
  timeline.apply(received(message(5)));
  timeline.apply(received(message(6, { mentions: ['u-ana'] })));
  timeline.apply(deleted(7, message(5)));
  expect(timeline.unreadAfter(4, 'u-ana')).toEqual({ unread: 1, mentions: 1 });
  expect(timeline.unreadAfter(2, 'u-ana')).toBeUndefined();
});

test('16: what lies between the read marker and the view is known to be read, or not', () => {
  const timeline = timelineAt(4);
  timeline.apply(received(message(5)));
  timeline.apply(received(message(6, { author: ana })));
  timeline.apply(received(message(7)));
  expect(timeline.isReadUpTo(5, 4, ana.id)).toBe(true);
  expect(timeline.isReadUpTo(7, 5, ana.id)).toBe(true);
  expect(timeline.isReadUpTo(7, 4, ana.id)).toBe(false);
  // What is not loaded may be unread.
  expect(timeline.isReadUpTo(7, 2, ana.id)).toBe(false);
});

test('a row sent from here keeps its key when it is acknowledged', () => {
  const timeline = timelineAt(0);
  timeline.sentHere('c-1');
  timeline.apply(received(message(1, { clientId: 'c-1' })));
  expect(timeline.items[0]?.key).toBe('c-1');
});

test('a reaction does not rebuild the list', () => {
  const itemsChanged = vi.fn();
  const timeline = new Timeline({ ...nobody, itemsChanged });
  timeline.startAt(0, 'one');
  timeline.apply(received(message(1)));
  itemsChanged.mockClear();
  timeline.apply(reacted(2, 'm1', '👍', 'u-ana'));
  expect(itemsChanged).not.toHaveBeenCalled();
});

/** Deals the log out as live entries and pages in many orders, and checks what is promised. */
test('whatever order pages and entries come in, what is shown has no hole and no double', () => {
  const random = seeded(7);
  for (let round = 0; round < 80; round += 1) {
    const timeline = timelineAt(30);
    let head = 30;
    for (let step = 0; step < 25; step += 1) {
      const dice = random();
      if (dice < 0.4) {
        head += 1;
        timeline.apply(received(message(head)));
      } else if (dice < 0.9) {
        const from = 1 + Math.floor(random() * head);
        const to = Math.min(head, from + Math.floor(random() * 8));
        timeline.expectPage().arrived(page(from, to, { hasAfter: to < head, lastSeq: head }), 'open');
      } else {
        timeline.trim(random() < 0.5 ? 'oldest' : 'newest', 6);
      }
      expect(brokenPromise(timeline, head)).toBeUndefined();
    }
  }
});

function brokenPromise(timeline: Timeline, head: number): string | undefined {
  const places = shown(timeline).split(' ').filter(Boolean);
  for (const [index, place] of places.entries()) {
    const before = places[index - 1];
    if (place === '|' || before === '|' || before === undefined) continue;
    if (Number(place) !== Number(before) + 1) return `${before} is followed by ${place}`;
  }
  const numbers = places.filter((place) => place !== '|').map(Number);
  if (numbers.some((seq, index) => seq <= (numbers[index - 1] ?? 0))) return 'out of order';
  if (numbers.length > 0 && timeline.reachesEnd && numbers.at(-1) !== head) return 'the end is not the head';
  return undefined;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test('45: everybody is called by that word alone, as the server reads it', () => {
  for (const text of ['@all', 'lunch, @all.', '(@ALL)', '@all- soon', '@@all', 'é@all']) {
    expect(callsEverybody(text), text).toBe(true);
  }
  for (const text of ['@allison', 'bo@all', '@all-hands', '@all.hands', '.@all', 'all', '@all_']) {
    expect(callsEverybody(text), text).toBe(false);
  }
});
