/**
 * The list of emoji, which comes as a part of its own when it is first wanted:
 * for who picks one, and for who writes `:tada:`.
 */
import { type Emoji, emojiFor, type KnownEmoji } from '../chat/emoji';

let loading: Promise<readonly KnownEmoji[]> | undefined;

/** All that this browser can draw, in the order of the standard. */
export function loadEmoji(): Promise<readonly KnownEmoji[]> {
  loading ??= readEmoji().catch((thrown) => {
    // Without a connection now; perhaps not the next time.
    loading = undefined;
    throw thrown;
  });
  return loading;
}

export async function findEmoji(letters: string): Promise<readonly Emoji[]> {
  return emojiFor(letters, await loadEmoji());
}

async function readEmoji(): Promise<readonly KnownEmoji[]> {
  const { default: rows } = await import('virtual:emoji');
  const known = rows.map(([emoji, name, group, version, shortcodes, tags]) => {
    return { emoji, name, group, version, shortcodes, tags, shortcode: shortcodes[0] ?? name };
  });
  const newest = newestDrawn(known);
  return known.filter(({ version }) => version <= newest);
}

/** The newest version of the standard that is drawn here; all of it where nothing can be told. */
function newestDrawn(known: readonly KnownEmoji[]): number {
  const canvas = typeof document === 'undefined' ? null : document.createElement('canvas');
  const context = canvas?.getContext?.('2d', { willReadFrequently: true });
  if (!context) return Number.POSITIVE_INFINITY;
  const samples = new Map(known.map(({ version, emoji }) => [version, emoji]));
  const versions = [...samples.keys()].sort((a, b) => b - a);
  const drawn = versions.find((version) => hasColours(context, samples.get(version) ?? ''));
  return drawn ?? Number.POSITIVE_INFINITY;
}

/** A picture of its own looks the same in whichever colour it is written; a box or a letter does not. */
function hasColours(context: CanvasRenderingContext2D, emoji: string): boolean {
  const pixelIn = (colour: string) => {
    context.clearRect(0, 0, 2, 2);
    context.textBaseline = 'middle';
    context.font = '2px sans-serif';
    context.fillStyle = colour;
    context.fillText(emoji, 0, 1);
    return String(context.getImageData(0, 0, 2, 2).data);
  };
  return context.measureText(emoji).width < 4 && pixelIn('#f00') === pixelIn('#00f');
}
