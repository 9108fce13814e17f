/**
 * Who is signed in, and the chat that goes with it.
 *
 * One per page. The session itself is a cookie that scripts cannot read; all
 * that is known here is whether the server accepts it.
 */
import { Chat } from '../chat/chat';
import { Failure } from '../chat/failure';
import { Notices } from '../chat/notices';
import { Settings } from '../chat/settings';
import { api } from '../services/api';
import { BrowserMemory } from '../services/browserMemory';
import { nextFrame } from '../services/frame';
import { StoredOutbox } from '../services/outboxStorage';
import { SocketWire } from '../services/socket';

export type SessionState =
  | { readonly phase: 'checking' }
  | { readonly phase: 'unreachable' }
  | { readonly phase: 'out'; readonly expired: boolean }
  | { readonly phase: 'in'; readonly chat: Chat };

export class Session {
  readonly settings: Settings;
  #state: SessionState = { phase: 'checking' };
  readonly #listeners = new Set<() => void>();

  constructor() {
    const memory = new BrowserMemory('roost:settings');
    this.settings = new Settings(memory);
    memory.onChange((stored) => this.settings.changedElsewhere(stored));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): SessionState => this.#state;

  /** Asks the server who we are. */
  async check(): Promise<void> {
    this.#become({ phase: 'checking' });
    try {
      await this.#enter();
    } catch (thrown) {
      const signedOut = Failure.from(thrown).code === 'unauthorized';
      this.#become(signedOut ? { phase: 'out', expired: false } : { phase: 'unreachable' });
    }
  }

  async logIn(login: string, password: string): Promise<void> {
    await api.logIn(login, password);
    await this.#enter();
  }

  async register(account: { username: string; password: string; displayName?: string }): Promise<void> {
    await api.register(account);
    await this.#enter();
  }

  /** Leaves nothing of the account behind in this browser. */
  async logOut(): Promise<void> {
    if (this.#state.phase !== 'in') return;
    const { chat } = this.#state;
    // Without the server's word the cookie would still open the account.
    await api.logOut();
    chat.stop();
    await chat.outbox.clear().catch(() => undefined);
    this.settings.signedOut();
    this.#become({ phase: 'out', expired: false });
  }

  async #enter(): Promise<void> {
    const me = await api.me();
    this.settings.signedIn(me.settings, {
      load: async () => (await api.me()).settings,
      save: (settings) => api.saveSettings(settings),
    });
    const chat = new Chat({
      me,
      api,
      wire: new SocketWire(),
      storage: new StoredOutbox(me.id, navigator.locks),
      notices: new Notices(nextFrame),
      settings: this.settings,
      ended: () => {
        chat.stop();
        this.#become({ phase: 'out', expired: true });
      },
    });
    this.#become({ phase: 'in', chat });
    void chat.start();
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
