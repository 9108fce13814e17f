// Tells the service worker what the build is made of, by name, and by a version
// that changes when anything does: the browser sees another script and fetches
// the new release.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const WORKER = join(DIST, 'sw.js');

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const paths = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  // The worker is not part of what it keeps, and Vite's own notes are for nobody.
  .filter((path) => path !== WORKER && !relative(DIST, path).startsWith('.'))
  .sort();

const whole = createHash('sha256').update(readFileSync(WORKER));
for (const path of paths) whole.update(path.slice(DIST.length)).update(sha256(readFileSync(path)));

const release = {
  version: whole.digest('hex').slice(0, 16),
  files: paths.map((path) => relative(DIST, path)).map((name) => (name === 'index.html' ? '/' : `/${name}`)),
  page: sha256(readFileSync(join(DIST, 'index.html'))),
};

writeFileSync(WORKER, `const RELEASE=${JSON.stringify(release)};\n${readFileSync(WORKER, 'utf8')}`);
process.stdout.write(`release ${release.version} of ${release.files.length} files\n`);
