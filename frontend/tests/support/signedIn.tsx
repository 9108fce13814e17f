/** Shows a component to someone who is signed in, over a wire the test holds. */
import { act, type RenderResult, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import type { Chat } from '../../src/chat/chat';
import { ChatContext } from '../../src/hooks/useChat';
import type { Me } from '../../src/protocol';
import { inTheDen } from './den';
import { FakeWire } from './fakeWire';
import { ana, member, user } from './people';

interface SignedIn extends RenderResult {
  chat: Chat;
  wire: FakeWire;
  /** The messages that the server was asked to delete. */
  deleted: readonly string[];
}

/** In the den, whose log ends at 4, with Bo there too. */
export async function showSignedIn(component: ReactNode, me: Me = ana): Promise<SignedIn> {
  const wire = new FakeWire();
  const deleted: string[] = [];
  const chat = await inTheDen(wire, {
    me,
    api: { deleteMessage: (_, messageId) => Promise.resolve(void deleted.push(messageId)) },
    members: [member(ana), member(user('bo'), true)],
  });
  await chat.open('den');
  let shown: RenderResult | undefined;
  await act(async () => {
    shown = render(<ChatContext value={chat}>{component}</ChatContext>);
  });
  if (!shown) throw new Error('nothing was rendered');
  return { ...shown, chat, wire, deleted };
}
