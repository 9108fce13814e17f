import { act } from '@testing-library/react';
import { expect, test } from 'vitest';
import { bo, cleo, member, user } from '../../../tests/support/people';
import { showSignedIn } from '../../../tests/support/signedIn';
import { TypingLine } from './TypingLine';

test('48: one, two, and from three on several people are typing, on a line that is always there', async () => {
  const { chat, container } = await showSignedIn(<TypingLine roomId="den" />);
  await act(async () =>
    chat.people.putMembers(
      'den',
      [bo, cleo, user('dan')].map((one) => member(one)),
    ),
  );
  const line = container.querySelector('p');
  expect(line).toBeEmptyDOMElement();
  const begins = (name: string) => act(async () => chat.typing.someoneTypes('den', `u-${name}`));
  await begins('bo');
  expect(line).toHaveTextContent(/^Bo is typing$/);
  await begins('cleo');
  expect(line).toHaveTextContent(/^Bo and Cleo are typing$/);
  await begins('dan');
  expect(line).toHaveTextContent(/^Several people are typing$/);
  expect(container.querySelector('p')).toBe(line);
});

test('48: nobody is interrupted by it', async () => {
  const { chat, container } = await showSignedIn(<TypingLine roomId="den" />);
  await act(async () => chat.typing.someoneTypes('den', 'u-bo'));
  expect(container).toHaveTextContent('Bo is typing');
  expect(container.querySelector('[aria-live], [role="status"], [role="alert"], [role="log"]')).toBeNull();
});
