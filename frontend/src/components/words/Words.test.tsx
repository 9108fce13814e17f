import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { HOSTILE } from '../../../tests/support/hostile';
import { room } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { Words } from './Words';

const show = (content: string, id = 'm1') => showSignedIn(<Words id={id} written={{ content }} />);

/** What words may become, and with which attributes. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  A: ['class', 'href', 'target', 'rel'],
  BDI: ['class'],
  BLOCKQUOTE: ['class', 'dir'],
  BUTTON: ['class', 'type', 'aria-expanded'],
  CODE: ['class'],
  DIV: ['class', 'data-large'],
  EM: [],
  FIGCAPTION: ['class'],
  FIGURE: ['class'],
  LI: [],
  OL: ['class', 'dir', 'start'],
  P: ['class', 'dir', 'data-heading'],
  PRE: ['class', 'dir', 'tabindex'],
  S: [],
  SPAN: ['class', 'data-tone', 'aria-live'],
  STRONG: ['class'],
  UL: ['class', 'dir'],
};

function strangersIn(words: Element): string[] {
  return [words, ...words.querySelectorAll('*')].flatMap((element) => {
    const allowed = ALLOWED[element.tagName];
    if (!allowed) return [element.tagName];
    return [...element.attributes].flatMap(({ name }) =>
      allowed.includes(name) ? [] : `${element.tagName} ${name}`,
    );
  });
}

/** Links that lead elsewhere than to a host, to a letter or to a place of this chat. */
function astrayIn(words: Element): string[] {
  return [...words.querySelectorAll('a')].flatMap((link) => {
    const address = link.getAttribute('href') ?? '';
    const { protocol, username, origin } = new URL(address, location.href);
    const ours = address.startsWith('/r/') && origin === location.origin;
    const away = /^(https?|mailto):/.test(address) && /^(https?|mailto):$/.test(protocol) && username === '';
    const safe = ours || (away && link.rel === 'noopener noreferrer nofollow' && link.target === '_blank');
    return safe ? [] : address;
  });
}

/** A link whose words are nobody’s own, and do not say where it leads. */
function disguisedIn(words: Element): string[] {
  return [...words.querySelectorAll('a[target]')].flatMap((link) => {
    const { host, pathname } = new URL(link.getAttribute('href') ?? '');
    const said = `${link.textContent} ${link.nextElementSibling?.textContent ?? ''}`.toLowerCase();
    return said.includes((host || pathname).toLowerCase()) ? [] : (link.textContent ?? '');
  });
}

test(`31: of ${HOSTILE.length} hostile texts none becomes anything but words and links`, async () => {
  expect(HOSTILE.length).toBeGreaterThanOrEqual(300);
  const { container } = await showSignedIn(
    HOSTILE.map((content, index) => <Words key={content} id={`h${index}`} written={{ content }} />),
  );
  const shown = [...container.children];
  expect(shown).toHaveLength(HOSTILE.length);
  const wrong = shown.flatMap((words, index) => {
    const found = [...strangersIn(words), ...astrayIn(words), ...disguisedIn(words)];
    return found.length > 0 ? { text: HOSTILE[index], found } : [];
  });
  expect(wrong).toEqual([]);
});

test('33: a link says its host and tells the other side nothing', async () => {
  await show('[the list](https://example.org/list)');
  const link = screen.getByRole('link', { name: 'the list' });
  expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  expect(link).toHaveAttribute('target', '_blank');
  expect(screen.getByText('example.org')).toBeVisible();
});

test('33: an address that says its host itself does not say it twice', async () => {
  const { container } = await show('https://example.org/list');
  expect(container).toHaveTextContent(/^https:\/\/example\.org\/list$/);
});

test('31: an address of this chat leads there in the same page', async () => {
  await show(`see ${location.origin}/r/den/m/m1`);
  expect(screen.getByRole('link')).toHaveAttribute('href', '/r/den/m/m1');
  expect(screen.getByRole('link')).not.toHaveAttribute('target');
});

test('31: a room is a link for whoever has it, and a word for everybody else', async () => {
  const { chat } = await show('#den or #release-plans');
  expect(screen.getByRole('link', { name: '#den' })).toHaveAttribute('href', '/r/den');
  expect(screen.queryByRole('link', { name: '#release-plans' })).not.toBeInTheDocument();
  await act(async () => chat.follow(room('plans', { name: 'Release plans' })));
  expect(screen.getByRole('link', { name: '#release-plans' })).toHaveAttribute('href', '/r/plans');
});

test('31: who is called stands out, the reader most of all', async () => {
  await show('@ana and @bo');
  expect(screen.getByText('@ana').tagName).toBe('STRONG');
  expect(screen.getByText('@bo').tagName).toBe('BDI');
});

test('31: a few emoji alone are large', async () => {
  const { container } = await show('🎉🎉');
  expect(container.querySelector('[data-large]')).toBeInTheDocument();
});

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

test('32: code says its language, and is copied whole', async () => {
  const person = userEvent.setup();
  await show(`\`\`\`rust\n${lines(30)}\n\`\`\``);
  const block = within(screen.getByRole('figure'));
  expect(block.getByText('rust')).toBeVisible();
  await person.click(block.getByRole('button', { name: 'Copy' }));
  expect(await navigator.clipboard.readText()).toBe(lines(30));
  expect(await block.findByRole('button', { name: 'Copied.' })).toBeVisible();
});

test('32: beyond twenty lines code is folded, and stays unfolded while its row is away', async () => {
  const content = `\`\`\`\n${lines(21)}\n\`\`\``;
  const { unmount } = await show(content, 'm-long');
  expect(screen.queryByText(/line 21/)).not.toBeInTheDocument();
  await userEvent.setup().click(screen.getByRole('button', { name: 'Show all 21 lines' }));
  expect(screen.getByText(/line 21/)).toBeVisible();
  unmount();
  await show(content, 'm-long');
  expect(screen.getByText(/line 21/)).toBeVisible();
  await userEvent.setup().click(screen.getByRole('button', { name: 'Show less' }));
  expect(screen.queryByText(/line 21/)).not.toBeInTheDocument();
});

test('32: twenty lines are not folded', async () => {
  await show(`\`\`\`\n${lines(20)}\n\`\`\``);
  expect(screen.getByText(/line 20/)).toBeVisible();
  expect(screen.queryByRole('button', { name: /Show all/ })).not.toBeInTheDocument();
});

test('32: colours come to code and change no letter of it', async () => {
  const { container } = await show('```ts\nlet a = "b";\n```');
  expect(await screen.findByText('let')).toHaveAttribute('data-tone', 'keyword');
  expect(container.querySelector('pre')).toHaveTextContent('let a = "b";');
});
