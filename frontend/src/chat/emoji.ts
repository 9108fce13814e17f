/** Emoji and the names by which they are found. */

export interface Emoji {
  readonly emoji: string;
  /** In English, as a screen reader says it. */
  readonly name: string;
  /** What stands between two colons. */
  readonly shortcode: string;
}

/** An emoji with all that is known of it. */
export interface KnownEmoji extends Emoji {
  readonly group: number;
  /** The version of the standard that first had it. */
  readonly version: number;
  readonly shortcodes: readonly string[];
  readonly tags: readonly string[];
}

/** More than anybody reads through before typing another letter. */
const MOST_FOUND = 24;

/** Those that the letters may stand for, the likeliest first. */
export function emojiFor(letters: string, known: readonly KnownEmoji[]): readonly Emoji[] {
  const wanted = letters.trim().toLowerCase().replaceAll(' ', '_');
  if (wanted === '') return [];
  return (
    known
      .map((emoji) => ({ emoji, rank: rankOf(emoji, wanted) }))
      .filter(({ rank }) => rank > 0)
      // The order of the standard puts the common ones first, and sorting keeps it among equals.
      .sort((a, b) => b.rank - a.rank)
      .slice(0, MOST_FOUND)
      .map(({ emoji: { emoji, name, shortcode, shortcodes } }) => ({
        emoji,
        name,
        shortcode: shortcodes.find((code) => code.startsWith(wanted)) ?? shortcode,
      }))
  );
}

function rankOf({ shortcodes, name, tags }: KnownEmoji, wanted: string): number {
  if (shortcodes.includes(wanted)) return 5;
  if (shortcodes.some((code) => code.startsWith(wanted))) return 4;
  if (shortcodes.some((code) => code.includes(`_${wanted}`))) return 3;
  const words = [...name.toLowerCase().split(/[^\p{L}\p{N}]+/u), ...tags];
  if (words.some((word) => word.startsWith(wanted))) return 2;
  return shortcodes.some((code) => code.includes(wanted)) ? 1 : 0;
}
