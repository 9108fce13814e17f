/**
 * The grammars by which code is coloured. They come as a part of their own, when
 * the first code in one of these languages is shown.
 */
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import { type Toned, toneOf } from '../chat/tones';

const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  php,
  python,
  ruby,
  rust,
  sql,
  typescript,
  xml,
  yaml,
});

type Tree = ReturnType<typeof lowlight.highlight>['children'][number];

export function knows(language: string): boolean {
  return lowlight.registered(language);
}

export function colour(language: string, code: string): readonly Toned[] {
  return lowlight.highlight(language, code).children.flatMap((node) => tonesIn(node));
}

function tonesIn(node: Tree, around?: Toned['tone']): readonly Toned[] {
  if (node.type === 'text') return [{ text: node.value, ...(around && { tone: around }) }];
  if (node.type !== 'element') return [];
  const names = [node.properties.className ?? []].flat().map(String);
  const tone = names.flatMap((name) => toneOf(name) ?? [])[0] ?? around;
  return node.children.flatMap((child) => tonesIn(child, tone));
}
