/** The chat of one account with all that it needs of this browser; fetched once somebody is let in. */
import { Chat } from '../chat/chat';
import type { Felt } from '../chat/felt';
import { Notices } from '../chat/notices';
import type { Settings } from '../chat/settings';
import type { TabWord } from '../chat/tabs';
import type { Me } from '../protocol';
import { api } from '../services/api';
import { Channel } from '../services/channel';
import type { Database } from '../services/database';
import { BrowserDeletions } from '../services/deletionStorage';
import { betweenKeys, nextFrame } from '../services/frame';
import { SocketWire } from '../services/socket';
import { draftStorage, memoryStorage, outboxStorage } from '../services/storage';

/** What goes with one account, and away with it. */
export interface Account {
  readonly chat: Chat;
  close(): void;
  /** Leaves nothing of it behind in this browser. */
  wipe(): Promise<void>;
}

interface AccountParts {
  readonly me: Me;
  readonly database: Database;
  readonly felt: Felt;
  readonly settings: Settings;
  /** The server knows the session no more. */
  readonly ended: () => void;
}

export function openAccount({ me, database, felt, settings, ended }: AccountParts): Account {
  const deletions = new BrowserDeletions(me.id);
  const tabs = new Channel<TabWord>(`roost:${me.id}`);
  const chat = new Chat({
    me,
    api,
    wire: new SocketWire(felt),
    storage: {
      outbox: outboxStorage(database, me.id, navigator.locks),
      drafts: draftStorage(database),
      memory: memoryStorage(database),
      deletions,
    },
    tabs,
    notices: new Notices(nextFrame, betweenKeys(window)),
    settings,
    ended,
  });
  function close() {
    chat.stop();
    tabs.close();
  }
  return {
    chat,
    close,
    async wipe() {
      close();
      deletions.wipe();
      // A browser that kept nothing has nothing to wipe.
      await database.wipe().catch(() => undefined);
    },
  };
}
