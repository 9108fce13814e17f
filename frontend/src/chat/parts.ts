/** What a chat is given: whose it is, and what leads out of it. */
import type { Me, MessagePage, Room } from '../protocol';
import type { DeletionStorage } from './deletions';
import type { DraftStorage } from './drafts';
import type { PageQuery } from './history';
import type { MemoryStorage } from './memory';
import type { Notices } from './notices';
import type { OutboxStorage } from './outbox';
import type { Settings } from './settings';
import type { Tabs } from './tabs';
import type { Wire } from './wire';

/** The REST calls the chat itself makes. */
export interface ChatApi {
  listRooms(): Promise<Room[]>;
  room(roomId: string): Promise<Room>;
  messages(roomId: string, query: PageQuery): Promise<MessagePage>;
  deleteMessage(roomId: string, messageId: string): Promise<unknown>;
}

export interface ChatStorage {
  outbox: OutboxStorage;
  drafts: DraftStorage;
  memory: MemoryStorage;
  deletions: DeletionStorage;
}

export interface ChatParts {
  me: Me;
  wire: Wire;
  api: ChatApi;
  storage: ChatStorage;
  tabs: Tabs;
  notices: Notices;
  settings?: Settings;
  /** The session is over; nothing here will work any more. */
  ended: () => void;
}
