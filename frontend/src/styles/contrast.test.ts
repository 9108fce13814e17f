/** The colours of every theme, by WCAG's own measure of how far they stand apart. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

type Colours = ReadonlyMap<string, readonly [light: string, dark: string]>;

function coloursIn(rule: string, from: Colours = new Map()): Colours {
  const begins = css.indexOf(`${rule} {`);
  const block = css.slice(begins, css.indexOf('\n}', begins));
  const colours = new Map(from);
  for (const [, name, value] of block.matchAll(/--([\w-]+): ([^;]+);/g)) {
    const both = value?.match(/#[0-9a-f]{6}/g);
    const [light, dark = light] = both ?? colours.get(value?.match(/^var\(--([\w-]+)\)/)?.[1] ?? '') ?? [];
    if (name && light && dark) colours.set(name, [light, dark]);
  }
  return colours;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ['canvas', 'surface', 'raised', 'sunken', 'accent-soft', 'attention-soft'];
const LEAST: Readonly<Record<string, number>> = {
  text: 4.5,
  'text-2': 4.5,
  'text-3': 4.5,
  link: 4.5,
  danger: 4.5,
  focus: 3,
  online: 3,
  away: 3,
};

const ordinary = coloursIn(':root');
const themes = { ordinary, contrast: coloursIn(':root[data-theme="contrast"]', ordinary) };

test.each(Object.entries(themes))('63: in the %s theme what is to be seen stands apart', (_, colours) => {
  const weak: string[] = [];
  function look(name: string, ground: string, least: number) {
    const [ink, paper] = [colours.get(name), colours.get(ground)];
    expect(ink && paper, `${name} on ${ground}`).toBeDefined();
    for (const at of [0, 1] as const) {
      const ratio = contrast(ink?.[at] ?? '', paper?.[at] ?? '');
      if (ratio < least)
        weak.push(`${name} on ${ground}, ${at === 0 ? 'light' : 'dark'}: ${ratio.toFixed(2)}`);
    }
  }
  for (const [name, least] of Object.entries(LEAST)) for (const ground of GROUNDS) look(name, ground, least);
  for (const ground of ['canvas', 'surface', 'raised']) look('border-strong', ground, 3);
  look('on-accent', 'accent', 4.5);
  look('on-attention', 'attention', 4.5);
  expect(weak).toEqual([]);
});
