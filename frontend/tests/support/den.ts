/** Somebody in the den, whose log ends at 4. */
import { Chat } from '../../src/chat/chat';
import { Notices } from '../../src/chat/notices';
import type { ChatApi } from '../../src/chat/parts';
import type { Me, Member } from '../../src/protocol';
import { FakeBrowser, fakeStorage } from './fakeStorage';
import type { FakeWire } from './fakeWire';
import { ana, member, page, room } from './people';

interface About {
  me?: Me;
  /** What REST answers otherwise than the den does. */
  api?: Partial<ChatApi>;
  members?: readonly Member[];
}

const DEN: ChatApi = {
  listRooms: () => Promise.resolve([room('den', { lastSeq: 4 })]),
  room: (id) => Promise.resolve(room(id)),
  messages: () => Promise.resolve(page(1, 4)),
  deleteMessage: () => Promise.resolve(),
};

/** Connected, with nothing missed. */
export async function inTheDen(wire: FakeWire, about: About = {}): Promise<Chat> {
  const { me = ana, api, members = [member(ana)] } = about;
  const chat = new Chat({
    me,
    wire,
    storage: fakeStorage(),
    tabs: new FakeBrowser().tab(),
    api: { ...DEN, ...api },
    notices: new Notices((flush) => flush()),
    ended: () => {},
  });
  await chat.start();
  await wire.open();
  const den = { roomId: 'den', room: room('den', { lastSeq: 4 }), members: [...members], lastSeq: 4 };
  await wire.last('resume').answer({ rooms: [{ ...den, epoch: 'one', reset: false, changes: [] }] });
  return chat;
}
