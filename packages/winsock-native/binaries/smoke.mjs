// What the reactor promises (test/reactor/cases.mjs of winsock-native), without a runner of tests: for runtimes whose own is
// another. Run in the folder that stage.ts laid out. Ends with `# pass N` and `# fail N`.
import { cases, impossible } from './packages/winsock-native/test/reactor/cases.mjs';

const LIMIT_MS = 20_000;
let passed = 0;
let failed = 0;
for (const [promise, run] of Object.entries(cases)) {
  if (impossible[promise] !== undefined) {
    console.log(`skipped ${promise}: ${impossible[promise]}`);
    continue;
  }
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    await Promise.race([run(), late]);
    passed++;
  } catch (error) {
    failed++;
    console.log(`FAILED ${promise}: ${error.stack ?? error}`);
  }
  clearTimeout(timer);
}
console.log(`# pass ${passed}\n# fail ${failed}`);
process.exitCode = failed > 0 ? 1 : 0;
