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
    setCursor() {}
    valToPos() {}
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
function serveStats(about: Partial<Sample> | ((at: number) => Partial<Sample>) = {}) {
  return serve({
    'GET /api/admin/stats': ({ query }) => {
      const step = Number(query.get('step'));
      const from = Date.parse(query.get('from') ?? '') / 1_000;
      const samples: Sample[] = [];
      for (let at = Math.ceil(from / step) * step; at <= now; at += step) {
        samples.push(
          sample(at, {
            seconds: step,
            connections: { websocket: 12, polling: 0 },
            ...(typeof about === 'function' ? about(at) : about),
          }),
        );
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

const DAY = 86_400;
const plotNamed = (name: string) => screen.findByRole('region', { name });

test('of a database that grows it is said when its disk is full', async () => {
  const grown = (at: number) => 5e9 - ((now - at) / DAY) * 1.2e9;
  serveStats((at) => ({ store: { busy: 1, idle: 3, max: 4, bytes: grown(at), freeBytes: 12.6e9 } }));
  await showSignedIn(<Now />, owner);
  const storage = await plotNamed('Storage');
  expect(storage).toHaveTextContent('The disk is full in about 10 days at this rate.');
  expect(within(storage).getByText('Free on the disk').parentElement).toHaveTextContent('12.6 GB');
  expect(within(storage).getByText('Free on the disk').parentElement).toHaveAttribute(
    'data-level',
    'warning',
  );
  expect(within(storage).getByText('Growth a day').parentElement).toHaveTextContent('1.2 GB');
});

test('of a disk that cannot be seen the page says just that', async () => {
  serveStats((at) => ({ store: { busy: 1, idle: 3, max: 4, bytes: at } }));
  await showSignedIn(<Now />, owner);
  const storage = await plotNamed('Storage');
  expect(storage).toHaveTextContent('The disk of the database cannot be seen from here');
  expect(storage).not.toHaveTextContent('full in');
  expect(storage).not.toHaveTextContent('Free on the disk');
});

test('what people feel is told apart by the release they run, the newest first', async () => {
  const told = (release: string, ms: number) => {
    const buckets = [...Array<number>(Math.log2(ms * 1_024)).fill(0), 10];
    return { release, lcp: buckets, inp: [], sessions: 10 };
  };
  serveStats((at) => {
    const releases = at > now - 300 ? [told('app-old', 512), told('app-new', 2_048)] : [told('app-old', 512)];
    return { vitals: { ...sample(at).vitals, releases, sessions: 10 * releases.length } };
  });
  await showSignedIn(<Now />, owner);
  const felt = await plotNamed('What people feel');
  const rows = within(within(felt).getByRole('table', { name: /^By release/ })).getAllByRole('row');
  const first = rows.slice(1).map((row) => within(row).getByRole('rowheader').textContent);
  expect(first).toEqual(['app-new', 'app-old']);
  expect(rows[1]).toHaveTextContent('1.8s');
  expect(rows[1]).toHaveTextContent('not known');
  expect(rows[2]).toHaveTextContent('441 ms');
});

test('a plot with the focus is come closer to by keys, and all the others with it', async () => {
  serveStats((at) => ({ messages: at > now - 225 ? 4 : 2, deliveries: at > now - 225 ? 40 : 80 }));
  await showSignedIn(<Now />, owner);
  const person = userEvent.setup();
  const fan = await plotNamed('Fan-out');
  const connections = await plotNamed('Connections');
  await person.click(within(connections).getByRole('button', { name: /^Show as table/ }));
  const rows = () => within(connections).getAllByRole('row').length - 1;
  expect(fan).toHaveTextContent('Deliveries for each message fell from 40 to 10');
  expect(rows()).toBe(15);

  await person.keyboard('+');
  expect(screen.queryByRole('button', { name: 'Show all' })).not.toBeInTheDocument();

  act(() => within(fan).getByRole('slider').focus());
  await person.keyboard('++');
  expect(fan).toHaveTextContent('Deliveries for each message stayed at about 10.');
  expect(within(fan).getByRole('status')).toHaveTextContent(/ to .+stayed at about 10/);
  expect(within(connections).getByRole('status')).toBeEmptyDOMElement();
  expect(within(connections).getAllByRole('row').length - 1).toBe(15);
  await person.keyboard('{Shift>}{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowLeft}{/Shift}');
  expect(fan).toHaveTextContent('Deliveries for each message stayed at about 40.');
  await person.keyboard('-');
  expect(fan).toHaveTextContent('Deliveries for each message fell from 40 to 10');
  await person.keyboard('{Escape}');
  expect(screen.queryByRole('button', { name: 'Show all' })).not.toBeInTheDocument();
  expect(rows()).toBe(15);
});

test('plots without lines have the same keys, and who points has buttons', async () => {
  serveStats();
  await showSignedIn(<Now />, owner);
  const person = userEvent.setup();
  const heat = await plotNamed('Where deliveries gather');
  act(() =>
    within(heat)
      .getByRole('group', { name: /zoom with plus and minus/ })
      .focus(),
  );
  await person.keyboard('=0');
  expect(screen.queryByRole('button', { name: 'Show all' })).not.toBeInTheDocument();
  await person.click(screen.getByRole('button', { name: 'Zoom in' }));
  await person.click(screen.getByRole('button', { name: 'Earlier' }));
  await person.click(screen.getByRole('button', { name: 'Later' }));
  await person.click(screen.getByRole('button', { name: 'Show all' }));
  expect(screen.queryByRole('button', { name: 'Earlier' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Zoom in' })).toHaveFocus();
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
