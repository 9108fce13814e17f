/**
 * Who is signed in, and the chat that goes with it.
 *
 * One per page. The session itself is a cookie that scripts cannot read; all
 * that is known here is whether the server accepts it. Whoever was signed in
 * last is taken at their word until the server says otherwise, so that a visit
 * begins at once, and without a connection too. The tabs of a browser are
 * signed in and out together.
 */
import type { Chat } from '../chat/chat';
import { Failure } from '../chat/failure';
import { Felt } from '../chat/felt';
import { Settings } from '../chat/settings';
import type { AtTheDoor, Me } from '../protocol';
import { startAnew } from '../services/anew';
import { api } from '../services/api';
import { BrowserMemory } from '../services/browserMemory';
import { Channel } from '../services/channel';
import { Database } from '../services/database';
import { rememberedMe, rememberMe } from '../services/remembered';
import type { Account, openAccount as OpenAccount } from './account';
import { roomInAddress } from './addresses';
import { strings } from './strings';

export type SessionState =
  | { readonly phase: 'checking' }
  | { readonly phase: 'unreachable'; readonly failure: Failure }
  | { readonly phase: 'out'; readonly expired: boolean; readonly door: AtTheDoor }
  /** `ended`: the server knows the session no more, and the chat waits for its user to sign in again. */
  | { readonly phase: 'in'; readonly chat: Chat; readonly ended: boolean };

type SessionWord =
  | { readonly name: 'signed_in'; readonly userId: string }
  | { readonly name: 'signed_out'; readonly userId: string };

export class Session {
  readonly settings: Settings;
  readonly felt = new Felt();
  #state: SessionState = { phase: 'checking' };
  /** A part of the program did not come. */
  #incomplete = false;
  #account: Account | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #channel = new Channel<SessionWord>('roost');

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

  start(): void {
    this.#channel.hear((word) => this.#hear(word));
    const me = rememberedMe();
    if (!me) {
      void this.check();
      return;
    }
    void this.#goOnAs(me);
  }

  /** Asks the server who we are, and meanwhile what it has to say to a stranger. */
  async check(): Promise<void> {
    this.#become({ phase: 'checking' });
    const door = askAtTheDoor();
    try {
      if (this.#incomplete) await startAnew();
      await this.#enter();
    } catch (thrown) {
      const failure = Failure.from(thrown);
      if (failure.code === 'unauthorized') this.#become({ phase: 'out', expired: false, door: await door });
      else this.#become({ phase: 'unreachable', failure });
    }
  }

  async logIn(login: string, password: string): Promise<void> {
    await api.logIn(login, password);
    await this.#enter();
    this.#tellSignedIn();
  }

  /** The session has ended under an open chat: its user comes back to where they were. */
  async logInAgain(password: string): Promise<void> {
    if (!this.#account) return;
    await api.logIn(this.#account.chat.me.username, password);
    this.#goOn(this.#account.chat);
    this.#tellSignedIn();
  }

  async register(account: { username: string; password: string; displayName?: string }): Promise<void> {
    await api.register(account);
    await this.#enter();
    this.#tellSignedIn();
  }

  /** The first account of all, unless somebody else has made it meanwhile. */
  async createOwner(account: { username: string; password: string; displayName?: string }): Promise<void> {
    const door = await api.door();
    if (door.hasOwner) this.#become({ phase: 'out', expired: false, door });
    else await this.register(account);
  }

  /** Leaves nothing of the account behind in this browser. */
  async logOut(): Promise<void> {
    if (this.#state.phase !== 'in') return;
    const { chat, ended } = this.#state;
    if (!ended) await chat.deletions.finish();
    // Without the server's word the cookie would still open the account.
    if (!ended) await api.logOut();
    this.#channel.tell({ name: 'signed_out', userId: chat.me.id });
    await this.#leave();
    await this.#toTheDoor(false);
  }

  async #goOnAs(remembered: Me): Promise<void> {
    // Who they are may have changed. That they may not come in is what the connection hears.
    const asked = api.me().catch(() => undefined);
    try {
      const { chat } = await this.#open(remembered);
      const me = await asked;
      if (!me || chat !== this.#account?.chat) return;
      rememberMe(me);
      chat.meet(me);
    } catch (thrown) {
      this.#become({ phase: 'unreachable', failure: Failure.from(thrown) });
    }
  }

  async #enter(): Promise<void> {
    const me = await api.me();
    rememberMe(me);
    await this.#open(me, me.settings);
  }

  /** All that somebody who is signed in needs of the program, or nothing: half of it would be a blank page. */
  async #fetchHouse(): Promise<typeof OpenAccount> {
    try {
      return (await import('./House')).openAccount;
    } catch {
      this.#incomplete = true;
      const failure = new Failure('disconnected', strings.session.incomplete);
      this.#become({ phase: 'unreachable', failure });
      throw failure;
    }
  }

  /** Until the account says how its owner likes it, what this browser remembers of that counts. */
  async #open(me: Me, settings?: Me['settings']): Promise<Account> {
    // To open it takes as long as to fetch the program that reads it.
    const database = new Database(me.id);
    database.open().catch(() => undefined);
    const openAccount = await this.#fetchHouse();
    this.#close();
    this.settings.signedIn(settings, {
      of: me.id,
      load: async () => (await api.me()).settings,
      save: (all) => api.saveSettings(all),
    });
    const account = openAccount({
      me,
      database,
      felt: this.felt,
      settings: this.settings,
      ended: () => void this.#ended(),
    });
    const { chat } = account;
    this.#account = account;
    // What is remembered is there when the page is first shown: nothing has to be drawn twice.
    await chat.recall(roomInAddress(location.pathname));
    if (account !== this.#account) return account;
    void chat.start();
    this.#become({ phase: 'in', chat, ended: false });
    return account;
  }

  /**
   * The server does not know this session any more. Whoever was let in stays where
   * they are and signs in over it. A visit that began from memory and was never
   * let in ends at the door, and forgets what was read; what was written it keeps.
   */
  async #ended(): Promise<void> {
    const { chat } = this.#account ?? {};
    if (!chat) return;
    chat.stop();
    if (chat.connection.hasBeenOpen) {
      this.#become({ phase: 'in', chat, ended: true });
      return;
    }
    rememberMe(undefined);
    this.settings.signedOut();
    await chat.memory.forgetAll();
    this.#close();
    await this.#toTheDoor(true);
  }

  #goOn(chat: Chat): void {
    this.#become({ phase: 'in', chat, ended: false });
    void chat.start();
  }

  #close(): void {
    this.#account?.close();
    this.#account = undefined;
  }

  async #leave(): Promise<void> {
    const account = this.#account;
    this.#account = undefined;
    rememberMe(undefined);
    this.settings.signedOut();
    await account?.wipe();
  }

  #tellSignedIn(): void {
    if (this.#account) this.#channel.tell({ name: 'signed_in', userId: this.#account.chat.me.id });
  }

  /** Another tab signed in or out. */
  #hear(word: SessionWord): void {
    const state = this.#state;
    const same = state.phase === 'in' && state.chat.me.id === word.userId;
    if (word.name === 'signed_out') {
      if (same) void this.#leave().then(() => this.#toTheDoor(false));
    } else if (!same) {
      // At the door, or signed in as somebody whose cookie this is not any more.
      void this.check();
    } else if (state.ended) {
      this.#goOn(state.chat);
    }
  }

  async #toTheDoor(expired: boolean): Promise<void> {
    this.#become({ phase: 'out', expired, door: await askAtTheDoor() });
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** A server that does not say is taken to have its owner, and says so when asked for an account. */
function askAtTheDoor(): Promise<AtTheDoor> {
  return api.door().catch(() => ({ hasOwner: true, registration: 'open' }));
}
