// The contract tests, and what the reactor promises, in a runtime that is not Node. Run in the folder that stage.ts laid out.
// Ends with `# pass N`, `# fail N` and `# skipped N`.
import { readdirSync } from 'node:fs';
import { run } from './plain-runner.mjs';

process.env.NETLOOM_RUNNER = new URL('./plain-runner.mjs', import.meta.url).href;
const files = ['contract', 'reactor'].flatMap((suite) => {
  const folder = new URL(`./packages/winsock-native/test/${suite}/`, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => new URL(name, folder).href);
});
const { passed, failed, skipped } = await run(files);
console.log(`# pass ${passed}\n# fail ${failed}\n# skipped ${skipped}`);
process.exitCode = failed > 0 ? 1 : 0;
