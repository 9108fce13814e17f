/**
 * How somebody likes the client to be.
 *
 * A wish takes effect here at once. Most go with the account to every device;
 * what depends on a screen stays on it. What an account keeps may come from a
 * newer client: unknown words are left alone, and values that are not
 * understood count as not chosen.
 */

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export const TEXT_SIZES = [13, 14, 15, 16, 17, 18, 19, 20] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;

/**
 * Where a room with unread messages opens: where its reader stopped, or at the
 * newest message; and then whether what they did not see on the way stays
 * unread until they have.
 */
export const OPENINGS = ['unread', 'newest', 'newestKeepingUnread'] as const;

/** What is heard and not only seen. */
export const SOUNDS = ['mentions', 'all', 'never'] as const;

export type Opening = (typeof OPENINGS)[number];

/** `en-XA` is English in disguise, by which what was forgotten is found. */
const LANGUAGES = ['system', 'en', 'ar', 'en-XA'] as const;

export interface Preferences {
  readonly theme: (typeof THEMES)[number];
  /** Of a message, in pixels as the browser counts them unzoomed. */
  readonly textSize: (typeof TEXT_SIZES)[number];
  readonly density: (typeof DENSITIES)[number];
  readonly language: (typeof LANGUAGES)[number];
  readonly opensAt: Opening;
  /** Enter sends and Shift+Enter begins a new line, or the other way round. */
  readonly enterSends: boolean;
  /** Keys without Ctrl, Alt or Cmd do something outside of text fields. */
  readonly singleKeys: boolean;
  /** New messages may be shown by the system while their reader looks elsewhere. */
  readonly notifies: boolean;
  readonly sound: (typeof SOUNDS)[number];
  /** Nothing is told between two times of the day, as `22:00`. */
  readonly quiet: boolean;
  readonly quietFrom: string;
  readonly quietTo: string;
  /** Rooms that stand above the others, in the order in which they were put there. */
  readonly pinned: readonly string[];
  /** With which they reacted here last, the latest first. */
  readonly recentEmoji: readonly string[];
}

/**
 * Sizes are about a screen, not about a person; each browser is asked whether it may notify; and no
 * reaction is worth a word to the account.
 */
const OF_THIS_DEVICE: ReadonlySet<keyof Preferences> = new Set(['textSize', 'notifies', 'recentEmoji']);

/** Keeps the list well inside what the server keeps for a client. */
export const MOST_PINNED = 50;

export const DEFAULTS: Preferences = {
  theme: 'system',
  textSize: 15,
  density: 'comfortable',
  language: 'system',
  opensAt: 'unread',
  enterSends: true,
  singleKeys: true,
  notifies: true,
  sound: 'mentions',
  quiet: false,
  quietFrom: '22:00',
  quietTo: '07:00',
  pinned: [],
  recentEmoji: [],
};

const isTimeOfDay = (value: unknown): boolean =>
  typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value);

type Stored = Readonly<Record<string, unknown>>;

const UNDERSTOOD: { readonly [Key in keyof Preferences]: (value: unknown) => boolean } = {
  theme: (value) => THEMES.some((theme) => theme === value),
  textSize: (value) => TEXT_SIZES.some((size) => size === value),
  density: (value) => DENSITIES.some((density) => density === value),
  language: (value) => LANGUAGES.some((language) => language === value),
  opensAt: (value) => OPENINGS.some((opening) => opening === value),
  enterSends: (value) => typeof value === 'boolean',
  singleKeys: (value) => typeof value === 'boolean',
  notifies: (value) => typeof value === 'boolean',
  sound: (value) => SOUNDS.some((sound) => sound === value),
  quiet: (value) => typeof value === 'boolean',
  quietFrom: isTimeOfDay,
  quietTo: isTimeOfDay,
  pinned: isListOfWords,
  recentEmoji: isListOfWords,
};

function isListOfWords(value: unknown): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === 'string');
}

function preferencesIn(stored: Stored): Partial<Preferences> {
  const understood = Object.entries(UNDERSTOOD).filter(([key, check]) => check(stored[key]));
  return Object.fromEntries(understood.map(([key]) => [key, stored[key]]));
}

/** What this browser remembers, so that the page looks right before anybody has been asked. */
interface Memory {
  read(): Stored;
  write(preferences: Preferences): void;
}

/** What goes with the account. */
interface AccountSettings {
  load(): Promise<Stored>;
  save(settings: Stored): Promise<unknown>;
}

export class Settings {
  #now: Preferences;
  readonly #memory: Memory | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #unsaved = new Set<keyof Preferences>();
  #account: AccountSettings | undefined;
  #saving: Promise<void> | undefined;

  constructor(memory?: Memory) {
    this.#memory = memory;
    this.#now = { ...DEFAULTS, ...preferencesIn(memory?.read() ?? {}) };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly now = (): Preferences => this.#now;

  change(wish: Partial<Preferences>): void {
    this.#become({ ...this.#now, ...wish });
    for (const key of Object.keys(wish) as (keyof Preferences)[]) {
      if (!OF_THIS_DEVICE.has(key)) this.#unsaved.add(key);
    }
    void this.#save();
  }

  pin(roomId: string, pinned: boolean): void {
    const others = this.#now.pinned.filter((id) => id !== roomId);
    this.change({ pinned: pinned ? [...others, roomId].slice(-MOST_PINNED) : others });
  }

  /** Somebody signed in: what their account says counts from here, or from when it can be asked. */
  signedIn(stored: Stored | undefined, account: AccountSettings): void {
    this.#account = account;
    this.#unsaved.clear();
    if (stored) this.#adopt({ ...DEFAULTS, ...preferencesIn(stored) });
  }

  /** What belongs to the account goes; how the page looks may stay. */
  signedOut(): void {
    this.#account = undefined;
    this.#unsaved.clear();
    this.#become({ ...this.#now, pinned: [], recentEmoji: [] });
  }

  /** Another device may have changed something. */
  async refresh(): Promise<void> {
    if (this.#unsaved.size > 0) return this.#save();
    const account = this.#account;
    const stored = await account?.load().catch(() => undefined);
    if (stored && account === this.#account) this.#adopt({ ...DEFAULTS, ...preferencesIn(stored) });
  }

  /** Another tab of this browser has changed something. */
  changedElsewhere(stored: Stored): void {
    this.#become({ ...DEFAULTS, ...preferencesIn(stored) }, false);
  }

  /** One at a time, and once more when something changed meanwhile. */
  #save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    const account = this.#account;
    while (account && account === this.#account && this.#unsaved.size > 0) {
      const saving = [...this.#unsaved];
      try {
        // The account keeps one object, in which other devices have their say too.
        const stored = await account.load();
        const mine = Object.fromEntries(saving.map((key) => [key, this.#now[key]]));
        for (const key of saving) this.#unsaved.delete(key);
        await account.save({ ...stored, ...mine });
      } catch {
        // Saved with the next change, or when the connection is back.
        if (account === this.#account) for (const key of saving) this.#unsaved.add(key);
        return;
      }
    }
  }

  #adopt(theirs: Preferences): void {
    const kept = Object.keys(DEFAULTS) as (keyof Preferences)[];
    const mine = kept.filter((key) => OF_THIS_DEVICE.has(key) || this.#unsaved.has(key));
    this.#become({ ...theirs, ...Object.fromEntries(mine.map((key) => [key, this.#now[key]])) });
  }

  #become(preferences: Preferences, write = true): void {
    if (JSON.stringify(preferences) === JSON.stringify(this.#now)) return;
    this.#now = preferences;
    if (write) this.#memory?.write(preferences);
    for (const listener of this.#listeners) listener();
  }
}
