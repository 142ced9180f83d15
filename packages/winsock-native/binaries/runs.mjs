// Which lanes have run which binary: a line per run, by the hash of the file, so that bytes that nobody ran are never
// said to have run. Lanes of other machines can be merged by joining the files.
//
//     node packages/winsock-native/binaries/runs.mjs                          the table
//     node packages/winsock-native/binaries/runs.mjs FILE LANE COUNT          a lane has run FILE, with that many tests passed
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../scripts/compile.mjs';
import { TARGETS } from './targets.mjs';

const LOG = resolve(
  process.env.NETLOOM_PREBUILD_RUNS ?? join(root, 'node_modules', '.cache', 'prebuild-runs.txt'),
);

export function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Remembers that a lane has passed with these bytes. */
export function recordRun(file, lane, count, log = LOG) {
  mkdirSync(dirname(log), { recursive: true });
  appendFileSync(log, `${hashOf(file)} ${lane}: ${count}\n`);
}

/** The table, a line per file that ships below `folder`. */
export function tableOf(folder = root, log = LOG) {
  const runs = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const rows = Object.values(TARGETS).map(({ file }) => {
    const path = join(folder, file);
    if (!existsSync(path)) return `${file}  not built`;
    const hash = hashOf(path);
    const lanes = new Set(
      runs.filter((line) => line.startsWith(hash)).map((line) => line.slice(hash.length + 1)),
    );
    const ranBy = lanes.size === 0 ? 'never ran' : [...lanes].join('; ');
    return `${file}  ${statSync(path).size}  ${hash}  ${ranBy}`;
  });
  return ['file, bytes, sha256, who has run it', ...rows];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, lane, count] = process.argv.slice(2);
  if (file === undefined) console.log(tableOf().join('\n'));
  else recordRun(file, lane, count);
}
