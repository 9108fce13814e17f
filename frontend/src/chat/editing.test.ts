import { beforeEach, expect, test } from 'vitest';
import { FakeWire, settled } from '../../tests/support/fakeWire';
import { ana, edited, message, page, reacted, received } from '../../tests/support/people';
import type { Message } from '../protocol';
import { Editing } from './editing';
import { Failure } from './failure';
import { Timeline } from './timeline';

const original = message(1, { author: ana, content: 'At noon' });

let wire: FakeWire;
let timeline: Timeline;
let editing: Editing;
/** What the server has, when it is asked. */
let kept: () => Message;

beforeEach(async () => {
  wire = new FakeWire();
  await wire.open();
  timeline = new Timeline({ itemsChanged: () => {}, messageChanged: () => {} });
  timeline.startAt(0);
  timeline.apply(received(original));
  kept = () => original;
  editing = new Editing({
    wire,
    timeline: () => timeline,
    fetchPage: async () => page(1, 1, { messages: [kept()] }),
  });
});

function elsewhere(seq: number, content: string): Message {
  const change = edited(seq, original, content);
  if (change.event !== 'message_updated') throw new Error('an edit is something else');
  return change.data.message;
}

test('28: an edit says which text it began from', async () => {
  void editing.edit(original, 'At one');
  expect(wire.last('edit_message').payload).toEqual({
    roomId: 'den',
    messageId: 'm1',
    content: 'At one',
    expectedEditedAt: null,
  });
  timeline.apply(edited(2, original, 'At two'));
  timeline.apply(reacted(3, 'm1', '🎉', ana.id));
  const now = timeline.message('m1');
  if (!now?.editedAt) throw new Error('it was not edited');
  void editing.edit(now, 'At three');
  expect(wire.last('edit_message').payload.expectedEditedAt).toBe(now.editedAt);
});

test('28: an edit that another one overtook changes nothing, and brings the other text', async () => {
  kept = () => elsewhere(2, 'At two');
  const saved = editing.edit(original, 'At one');
  await wire.last('edit_message').fail('conflict');
  expect(await saved).toBe(false);
  expect(timeline.message('m1')?.content).toBe('At two');
  // The log, late as it is, tells nothing that is not known.
  timeline.apply(edited(2, original, 'At two'));
  expect(timeline.message('m1')).toEqual(kept());
});

test('28: what the log has told already is not asked for', async () => {
  kept = () => {
    throw new Error('nobody needs to ask');
  };
  const saved = editing.edit(original, 'At one');
  timeline.apply(edited(2, original, 'At two'));
  await wire.last('edit_message').fail('conflict');
  expect(await saved).toBe(false);
});

test('28: a text that was changed and changed back is the one its author saw', async () => {
  kept = () => elsewhere(3, 'At noon');
  const saved = editing.edit(original, 'At one');
  await wire.last('edit_message').fail('conflict');
  expect(wire.requests('edit_message')).toHaveLength(2);
  expect(wire.last('edit_message').payload.expectedEditedAt).toBe(kept().editedAt);
  await wire.last('edit_message').answer({ message: elsewhere(4, 'At one') });
  expect(await saved).toBe(true);
});

test('28: when the other text cannot be had, the edit has failed and can be tried again', async () => {
  kept = () => {
    throw new Failure('disconnected', 'no connection');
  };
  const saved = editing.edit(original, 'At one');
  await Promise.all([
    expect(saved).rejects.toMatchObject({ code: 'disconnected' }),
    wire.last('edit_message').fail('conflict'),
  ]);
  await settled();
  expect(timeline.message('m1')?.content).toBe('At noon');
});
