/** Shows a component to someone who is signed in, over a wire the test holds. */
import { act, type RenderResult, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Chat } from '../../src/chat/chat';
import { Notices } from '../../src/chat/notices';
import { ChatContext } from '../../src/hooks/useChat';
import type { Me } from '../../src/protocol';
import { denApi } from './den';
import { FakeBrowser, fakeStorage } from './fakeStorage';
import { FakeWire } from './fakeWire';
import { ana, member, room, user } from './people';

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
  const chat = new Chat({
    me,
    wire,
    storage: fakeStorage(),
    tabs: new FakeBrowser().tab(),
    api: { ...denApi, deleteMessage: (_, messageId) => Promise.resolve(void deleted.push(messageId)) },
    notices: new Notices((flush) => flush()),
    ended: () => {},
  });
  await chat.start();
  await wire.open();
  const members = [member(ana), member(user('bo'), true)];
  const den = { roomId: 'den', room: room('den', { lastSeq: 4 }), members, lastSeq: 4, epoch: 'one' };
  await wire.last('resume').answer({ rooms: [{ ...den, reset: false, changes: [] }] });
  await chat.open('den');
  let shown: RenderResult | undefined;
  await act(async () => {
    shown = render(<ChatContext value={chat}>{component}</ChatContext>);
  });
  if (!shown) throw new Error('nothing was rendered');
  return { ...shown, chat, wire, deleted };
}
