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

type Key = keyof Preferences;

/**
 * Sizes are about a screen, not about a person; each browser is asked whether it may notify; and no
 * reaction is worth a word to the account.
 */
const OF_THIS_DEVICE: ReadonlySet<Key> = new Set(['textSize', 'notifies', 'recentEmoji']);

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

/** What of an account's settings it does not have yet. */
interface Unsaved {
  readonly unsaved: readonly Key[];
  readonly unsavedOf: string | undefined;
}

/**
 * What this browser remembers, so that the page looks right before anybody has been
 * asked, and so that a reload loses nothing that could not be saved.
 */
interface Memory {
  read(): Stored;
  write(remembered: Preferences & Unsaved): void;
}

/** What goes with the account. */
interface AccountSettings {
  /** Whose they are. */
  readonly of: string;
  load(): Promise<Stored>;
  save(settings: Stored): Promise<unknown>;
}

export class Settings {
  #now: Preferences;
  readonly #memory: Memory | undefined;
  readonly #listeners = new Set<() => void>();
  #unsaved = new Set<Key>();
  #unsavedOf: string | undefined;
  /** Counts what was wished for here. */
  #wishes = 0;
  #account: AccountSettings | undefined;
  #saving: Promise<void> | undefined;

  constructor(memory?: Memory) {
    this.#memory = memory;
    const stored = memory?.read() ?? {};
    this.#now = { ...DEFAULTS, ...preferencesIn(stored) };
    this.#takeUnsaved(stored);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly now = (): Preferences => this.#now;

  change(wish: Partial<Preferences>): void {
    this.#wishes += 1;
    for (const key of Object.keys(wish) as Key[]) {
      if (!OF_THIS_DEVICE.has(key)) this.#unsaved.add(key);
    }
    this.#become({ ...this.#now, ...wish });
    void this.#save();
  }

  pin(roomId: string, pinned: boolean): void {
    const others = this.#now.pinned.filter((id) => id !== roomId);
    this.change({ pinned: pinned ? [...others, roomId].slice(-MOST_PINNED) : others });
  }

  /**
   * Somebody signed in: what their account says counts from here, or from when it can
   * be asked, except for what they wished for in this browser and it has not heard yet.
   */
  signedIn(stored: Stored | undefined, account: AccountSettings): void {
    this.#account = account;
    if (this.#unsavedOf !== account.of) this.#unsaved.clear();
    this.#unsavedOf = account.of;
    if (stored) this.#adopt({ ...DEFAULTS, ...preferencesIn(stored) });
    void this.#save();
  }

  /** What belongs to the account goes; how the page looks may stay. */
  signedOut(): void {
    this.#account = undefined;
    this.#unsaved.clear();
    this.#unsavedOf = undefined;
    this.#become({ ...this.#now, pinned: [], recentEmoji: [] });
    this.#remember();
  }

  /** Another device may have changed something. */
  async refresh(): Promise<void> {
    if (this.#unsaved.size > 0) return this.#save();
    const account = this.#account;
    const wishes = this.#wishes;
    const stored = await account?.load().catch(() => undefined);
    // What was wished for meanwhile may have been saved after this answer was given.
    if (!stored || account !== this.#account || wishes !== this.#wishes) return;
    this.#adopt({ ...DEFAULTS, ...preferencesIn(stored) });
  }

  /** Another tab of this browser has changed something, or has saved it. */
  changedElsewhere(stored: Stored): void {
    this.#takeUnsaved(stored);
    this.#become({ ...DEFAULTS, ...preferencesIn(stored) }, false);
  }

  /** One at a time, and once more when something changed meanwhile. */
  #save(): Promise<void> {
    const account = this.#account;
    if (!account || this.#unsaved.size === 0) return Promise.resolve();
    this.#saving ??= this.#saveAll(account);
    return this.#saving;
  }

  async #saveAll(account: AccountSettings): Promise<void> {
    try {
      while (account === this.#account && this.#unsaved.size > 0) {
        const saving = [...this.#unsaved];
        // The account keeps one object, in which other devices have their say too.
        const stored = await account.load();
        const mine = Object.fromEntries(saving.map((key) => [key, this.#now[key]]));
        await account.save({ ...stored, ...mine });
        if (account !== this.#account) return;
        for (const key of saving) if (this.#now[key] === mine[key]) this.#unsaved.delete(key);
        this.#remember();
      }
    } catch {
      // Saved with the next change, or when the connection is back.
    } finally {
      this.#saving = undefined;
    }
  }

  #adopt(theirs: Preferences): void {
    const kept = Object.keys(DEFAULTS) as Key[];
    const mine = kept.filter((key) => OF_THIS_DEVICE.has(key) || this.#unsaved.has(key));
    this.#become({ ...theirs, ...Object.fromEntries(mine.map((key) => [key, this.#now[key]])) });
  }

  #become(preferences: Preferences, write = true): void {
    if (JSON.stringify(preferences) === JSON.stringify(this.#now)) return;
    this.#now = preferences;
    if (write) this.#remember();
    for (const listener of this.#listeners) listener();
  }

  #remember(): void {
    this.#memory?.write({ ...this.#now, unsaved: [...this.#unsaved], unsavedOf: this.#unsavedOf });
  }

  #takeUnsaved({ unsaved, unsavedOf }: Stored): void {
    const known = Object.keys(DEFAULTS) as Key[];
    this.#unsaved = new Set(Array.isArray(unsaved) ? known.filter((key) => unsaved.includes(key)) : []);
    this.#unsavedOf = typeof unsavedOf === 'string' ? unsavedOf : undefined;
  }
}
