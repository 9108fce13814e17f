// Makes the list of emoji that the client offers: of each its names, its group
// and the words by which GitHub and others call it. It stands for the module
// `virtual:emoji`, so that only what is used of the data is ever sent.
import data from 'emojibase-data/en/data.json';
import shortcodes from 'emojibase-data/en/shortcodes/github.json';
import type { Plugin } from 'vite';

const ID = 'virtual:emoji';
const RESOLVED = `\0${ID}`;
/** Tones of skin and shapes of hair, which are no emoji by themselves. */
const COMPONENTS = 2;

export function emoji(): Plugin {
  return {
    name: 'emoji',
    resolveId: (id) => (id === ID ? RESOLVED : undefined),
    load: (id) => (id === RESOLVED ? moduleOf(rows()) : undefined),
  };
}

function rows(): unknown[] {
  return data
    .filter(({ group }) => group !== undefined && group !== COMPONENTS)
    .map(({ emoji, label, group, version, tags = [], hexcode }) => {
      const codes = shortcodes[hexcode] ?? label.toLowerCase().replace(/[^a-z0-9]+/g, '_');
      return [plain(emoji), label, group, version, [codes].flat(), tags];
    });
}

/** As keyboards write it: without the sign that says “a picture” where it is one anyway. */
function plain(emoji: string): string {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1');
}

/** Parsed as JSON, which takes a fraction of the time that a script takes. */
function moduleOf(list: unknown[]): string {
  return `export default JSON.parse(${JSON.stringify(JSON.stringify(list))});`;
}
