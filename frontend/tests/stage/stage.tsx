/**
 * The client with a log in memory instead of a server, for what a page has to
 * be laid out to show. `?length=` and `?unread=` say how the room begins, and
 * `window.stage` is the test's hand on it.
 */
import { Profiler } from 'react';
import { createRoot } from 'react-dom/client';
import '../../src/styles/tokens.css';
import '../../src/styles/base.css';
import { Chat } from '../../src/chat/chat';
import { Failure } from '../../src/chat/failure';
import { Notices } from '../../src/chat/notices';
import { Settings } from '../../src/chat/settings';
import Toasts from '../../src/components/ui/Toasts';
import { ChatContext } from '../../src/hooks/useChat';
import { ChatPage } from '../../src/pages/ChatPage';
import type { Message, MessagePage } from '../../src/protocol';
import { betweenKeys, nextFrame } from '../../src/services/frame';
import { FakeBrowser, fakeStorage } from '../support/fakeStorage';
import { ana } from '../support/people';
import { StageLog } from './log';
import { StageWire } from './wire';

const asked = new URLSearchParams(location.search);
const log = new StageLog(Number(asked.get('length') ?? 10_000), Number(asked.get('unread') ?? 0));
const wire = new StageWire(log);
const listRoom = log.room;

/** Pages wait here while the test holds them. */
let held: (() => void)[] | undefined;
let commits = 0;

function answered(page: () => MessagePage): Promise<MessagePage> {
  return new Promise((resolve, reject) => {
    const answer = () => {
      try {
        resolve(page());
      } catch {
        reject(new Failure('not_found', 'There is no such message.'));
      }
    };
    if (held) held.push(answer);
    else setTimeout(answer, 0);
  });
}

const chat = new Chat({
  me: ana,
  wire,
  api: {
    listRooms: () => Promise.resolve([listRoom]),
    room: () => Promise.resolve(log.room),
    messages: (_, query) => answered(() => log.page(query)),
    deleteMessage: () => Promise.resolve(),
  },
  storage: fakeStorage(),
  tabs: new FakeBrowser().tab(),
  notices: new Notices(nextFrame, betweenKeys(window)),
  settings: new Settings({ read: () => ({ opensAt: asked.get('opensAt') }), write: () => {} }),
  ended: () => {},
});

export interface Stage {
  chat: Chat;
  log: StageLog;
  /** New messages, told at once. */
  receive(count: number, about?: Partial<Message>): void;
  /** New messages nobody is told of, as while the line is broken. */
  miss(count: number): void;
  breakLine(): void;
  holdPages(): void;
  releasePages(): void;
  commits(): number;
}

const stage: Stage = {
  chat,
  log,
  receive(count, about) {
    for (let one = 0; one < count; one += 1)
      wire.tell({ name: 'message_received', payload: log.append(about) });
  },
  miss(count) {
    for (let one = 0; one < count; one += 1) log.append();
  },
  breakLine: () => wire.break(),
  holdPages() {
    held ??= [];
  },
  releasePages() {
    const waiting = held ?? [];
    held = undefined;
    for (const answer of waiting) answer();
  },
  commits: () => commits,
};
Object.assign(window, { stage });

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
await chat.start();
createRoot(root).render(
  <Profiler
    id="stage"
    onRender={() => {
      commits += 1;
    }}
  >
    <ChatContext value={chat}>
      <ChatPage onSignOut={() => Promise.resolve()} />
    </ChatContext>
    <Toasts />
  </Profiler>,
);
