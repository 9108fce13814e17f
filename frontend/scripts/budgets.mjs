// Weighs the build against `budgets.json` and fails when a bound is passed: what is fetched
// before one can sign in, before one can talk in a room, and each part that comes later.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const { sizes } = JSON.parse(readFileSync(new URL('../budgets.json', import.meta.url)));
const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json')));

const DOOR = ['index.html'];
const ROOM = [...DOOR, 'src/app/House.tsx'];

/** A part with all that is fetched together with it. */
function closure(keys, found = new Set()) {
  for (const key of keys) {
    if (found.has(key)) continue;
    if (!manifest[key]) throw new Error(`The build has no ${key}: is it still fetched by itself?`);
    found.add(key);
    closure(manifest[key].imports ?? [], found);
  }
  return found;
}

const filesOf = (keys) =>
  new Set([...keys].map((key) => manifest[key].file).filter((file) => file.endsWith('.js')));
const stylesOf = (keys) => new Set([...keys].flatMap((key) => manifest[key].css ?? []));
const weigh = (files) => [...files].reduce((sum, file) => sum + statSync(join(DIST, `${file}.gz`)).size, 0);

const room = closure(ROOM);
const rest = Object.keys(manifest).filter((key) => !room.has(key) && manifest[key].file.endsWith('.js'));
const parts = rest.map((key) => ({ file: manifest[key].file, bytes: weigh([manifest[key].file]) }));
const [emoji] = parts.filter(({ file }) => file.includes('_virtual_emoji'));
const [later] = parts.filter((part) => part !== emoji).sort((a, b) => b.bytes - a.bytes);

// What goes into the program: of each file the smallest form a browser takes.
let embedded = 0;
for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || path.includes('/.vite/') || /\.(br|gz)$/.test(path)) continue;
  embedded += statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
}

const weights = {
  door: weigh(filesOf(closure(DOOR))),
  room: weigh(filesOf(room)),
  styles: weigh(stylesOf(Object.keys(manifest))),
  later: later.bytes,
  emoji: emoji.bytes,
  embedded,
};

let over = false;
for (const [name, bytes] of Object.entries(weights)) {
  const { aim, most } = sizes[name];
  const weight = bytes / 1024;
  const word = weight > most ? 'TOO MUCH' : weight > aim ? 'above the aim' : 'kept';
  over ||= weight > most;
  const which = name === 'later' ? ` (${later.file})` : '';
  process.stdout.write(
    `${name.padEnd(9)}${weight.toFixed(1).padStart(7)} KB, aim ${aim}, most ${most}: ${word}${which}\n`,
  );
}
if (over) {
  process.stderr.write('The client has grown beyond its bounds: see budgets.json.\n');
  process.exit(1);
}
