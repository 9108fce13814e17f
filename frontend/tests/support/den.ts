/** What REST answers to somebody in the den, whose log ends at 4. */
import type { ChatApi } from '../../src/chat/parts';
import { page, room } from './people';

export const denApi: ChatApi = {
  listRooms: () => Promise.resolve([room('den', { lastSeq: 4 })]),
  room: (id) => Promise.resolve(room(id)),
  messages: () => Promise.resolve(page(1, 4)),
  deleteMessage: () => Promise.resolve(),
};
