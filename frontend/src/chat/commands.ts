/**
 * What can be done, and the keys that do it: one list, which the palette, the
 * keyboard and the list of shortcuts all read.
 *
 * Whatever is on the page offers what it can do for as long as it is there. A
 * command without `run` is pressed where it belongs, in a text field or on a
 * message, and stands in the list only to be found.
 */

export const GROUPS = ['moving', 'messages', 'writing', 'room', 'settings'] as const;

type Group = (typeof GROUPS)[number];

export interface Command {
  readonly id: string;
  readonly group: Group;
  readonly name: string;
  /** As `Mod+K`, where `Mod` is the key that this system gives its commands. */
  readonly keys?: readonly string[];
  /** What is written behind a slash, where one writes messages, to have it done. */
  readonly word?: string;
  readonly run?: () => void;
}

/** What of a key press matters. */
export interface Press {
  readonly key: string;
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

interface Circumstances {
  apple: boolean;
  /** Letters alone are commands here: nobody is writing, and their user wants them. */
  singleKeys: boolean;
}

export class Commands {
  readonly #sources = new Set<() => readonly Command[]>();

  offer(source: () => readonly Command[]): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }

  get list(): readonly Command[] {
    return [...this.#sources].flatMap((source) => source());
  }

  /** The command of a key press, if it is one. */
  find(press: Press, { apple, singleKeys }: Circumstances): Command | undefined {
    const pressed = keysOf(press, apple);
    return this.list.find(
      ({ run, keys }) => run && keys?.some((key) => key === pressed && (singleKeys || !isSingle(key))),
    );
  }
}

/** Nothing but the key itself, which in a text field is a letter. */
const isSingle = (keys: string): boolean => !/^(Mod|Alt|Ctrl|Shift)\+|^F\d/.test(keys);

/** A key press in the words of the table. */
export function keysOf(press: Press, apple: boolean): string {
  const mod = apple ? press.metaKey : press.ctrlKey;
  const other = apple ? press.ctrlKey : press.metaKey;
  const key = keyOf(press);
  // A sign such as `?` says by itself whether Shift was held.
  const shift = press.shiftKey && (key.length > 1 || /\p{L}/u.test(key));
  const held = [mod && 'Mod', other && 'Ctrl', press.altKey && 'Alt', shift && 'Shift'];
  return [...held.filter(Boolean), key].join('+');
}

/** The letter on the key, also where the layout writes another script. */
function keyOf({ key, code }: Press): string {
  const onKey = /^Key([A-Z])$/.exec(code)?.[1];
  if (onKey && key.length === 1 && key > '~') return onKey;
  return key.length === 1 ? key.toUpperCase() : key;
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};

const APPLE_SIGNS: Readonly<Record<string, string>> = { ...SIGNS, Mod: '⌘', Alt: '⌥', Shift: '⇧' };

/** The keys one by one, as they are written on a keyboard. */
export function shownKeys(keys: string, apple: boolean): string[] {
  // The last key may itself be a plus.
  const parts = keys.split(/\+(?!$)/);
  return parts.map((part) => (apple ? APPLE_SIGNS[part] : SIGNS[part]) ?? (part === 'Mod' ? 'Ctrl' : part));
}
