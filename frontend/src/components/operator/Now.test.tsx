import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { owner, Refusal, serve } from '../../../tests/support/operator';
import { node, sample } from '../../../tests/support/samples';
import { showSignedIn } from '../../../tests/support/signedIn';
import type { Sample } from '../../protocol';
import { Now } from './Now';

/** What is drawn on a canvas is looked at in a browser. */
vi.mock('uplot', () => ({
  default: class {
    setData() {}
    setSize() {}
    redraw() {}
    destroy() {}
  },
}));

let now: number;

beforeEach(() => {
  history.replaceState(null, '', '/admin');
  // A whole minute, so that there are as many rows as minutes.
  now = Math.floor(Date.now() / 60_000) * 60;
});

/** A node that has served for as long as is asked, each second alike. */
function serveStats(about: Partial<Sample> = {}) {
  return serve({
    'GET /api/admin/stats': ({ query }) => {
      const step = Number(query.get('step'));
      const from = Date.parse(query.get('from') ?? '') / 1_000;
      const samples: Sample[] = [];
      for (let at = Math.ceil(from / step) * step; at <= now; at += step) {
        samples.push(sample(at, { seconds: step, connections: { websocket: 12, polling: 0 }, ...about }));
      }
      return {
        step,
        nodes: [{ ...node('node-a1b2c3'), seenAt: new Date(now * 1_000).toISOString(), samples }],
      };
    },
  });
}

const tile = (name: string) =>
  within(screen.getByRole('list', { name: 'How it is now' }))
    .getByText(name)
    .closest('li') as HTMLElement;

test('six numbers say how it is, and go on with what the server tells', async () => {
  serveStats({ messages: 3 });
  const { wire } = await showSignedIn(<Now />, owner);
  expect(await screen.findByRole('heading', { name: 'Nothing needs you' })).toBeVisible();
  expect(tile('Connections')).toHaveTextContent('12');
  expect(tile('Messages in')).toHaveTextContent('3');
  expect(wire.requests('watch_stats')).toHaveLength(1);
  const nodes = [{ ...node('node-a1b2c3'), sample: sample(now + 1, { messages: 28 }) }];
  await act(() => wire.tell({ name: 'admin:stats', payload: { nodes } }));
  expect(tile('Messages in')).toHaveTextContent('8');
});

test('a number past its limit is told by a word and in the headline, not by colour alone', async () => {
  serveStats({ messages: 9, failed: 1 });
  await showSignedIn(<Now />, owner);
  expect(await screen.findByRole('heading', { name: 'Act now: Error rate' })).toBeVisible();
  expect(tile('Error rate')).toHaveTextContent('many fail');
  expect(tile('Error rate')).toHaveTextContent('10%');
});

test('every plot says in a sentence what it shows, and is a table when somebody wants one', async () => {
  serveStats({ messages: 2, deliveries: 80 });
  await showSignedIn(<Now />, owner);
  const person = userEvent.setup();
  const fan = await screen.findByRole('region', { name: 'Fan-out' });
  expect(fan).toHaveTextContent('Deliveries for each message stayed at about 40.');
  expect(within(fan).getByRole('slider')).toHaveAttribute(
    'aria-valuetext',
    expect.stringContaining('Deliveries out 80'),
  );
  await person.click(within(fan).getByRole('button', { name: /^Show as table/ }));
  const table = within(fan).getByRole('table');
  expect(within(table).getAllByRole('row')).toHaveLength(16);
  expect(within(table).getByRole('columnheader', { name: 'Messages in' })).toBeVisible();
});

test('another length of time is in the address, and asked for in its own steps', async () => {
  const asked = serveStats();
  await showSignedIn(<Now />, owner);
  const person = userEvent.setup();
  await person.click(await screen.findByRole('radio', { name: '7 days' }));
  await waitFor(() => expect(asked.map(({ query }) => query.get('step'))).toContain('300'));
  expect(location.search).toBe('?range=week');
});

test('in a hidden tab nothing is watched', async () => {
  serveStats();
  const { wire } = await showSignedIn(<Now />, owner);
  await screen.findByRole('heading', { name: 'Nothing needs you' });
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  await act(async () => document.dispatchEvent(new Event('visibilitychange')));
  expect(wire.requests('unwatch_stats')).toHaveLength(1);
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(false);
  await act(async () => document.dispatchEvent(new Event('visibilitychange')));
  expect(wire.requests('watch_stats')).toHaveLength(2);
});

test('67: numbers that cannot be fetched are not shown as zeros', async () => {
  serve({ 'GET /api/admin/stats': () => new Refusal(500, 'internal') });
  await showSignedIn(<Now />, owner);
  expect(await screen.findByRole('alert')).toHaveTextContent('This could not be loaded.');
  expect(screen.queryByRole('list', { name: 'How it is now' })).not.toBeInTheDocument();
});
