// `node packages/winsock-native/binaries/sources.mjs` in the root: compiles the addon's sources, without a warning, for the
// systems that ship no binary, with the headers that the compiler of the prebuilds has of them. Nothing of it runs.
import { join } from 'node:path';
import { tellCounts } from '../../../tools/counts.mjs';
import { compileAll, flagsFor, root, sourcesFor } from '../scripts/compile.mjs';
import { compilerFor, environment } from './compiler.mjs';
import { WITHOUT_BINARY } from './targets.mjs';

for (const [name, { os }] of Object.entries(WITHOUT_BINARY)) {
  const sources = sourcesFor(os);
  await compileAll({
    compiler: compilerFor(name),
    flags: flagsFor(os),
    sources,
    folder: join(root, 'build', `sources-${name}`),
    environment,
    isQuiet: true,
  });
  console.log(`${name}: ${sources.length} sources compile`);
  tellCounts({ passed: sources.length });
}
