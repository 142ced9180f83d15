/** Where there is no Node: the package in a bundle for browsers, run in a realm that has what a browser has. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';

interface Esbuild {
  buildSync(options: object): { outputFiles: { text: string }[]; metafile: { inputs: object } };
}
const require = createRequire(import.meta.url);
const tsup = createRequire(realpathSync(require.resolve('tsup/package.json')));
// SAFETY: esbuild comes with tsup, and this is the one function used of it.
const esbuild = tsup('esbuild') as Esbuild;

const PROGRAM = `
import { cancelRequested, coroutine, resumeAfter, resumeBackground, whenAny, Operation } from '${new URL(import.meta.resolve('@netloom/coroutines')).pathname}';
class Ready extends Operation { start() { this.complete(1); } stop() { return true; } }
const log = [];
const busy = coroutine(function* () { let n = 0; for (let i = 0; i < 1000; i++) n += yield* new Ready(); return n; });
const waits = coroutine(function* () { try { yield* resumeAfter(1e6); } finally { log.push(cancelRequested()); } });
const inAsync = coroutine(async () => { await resumeAfter(1); return cancelRequested(); });
const main = coroutine(function* () {
  log.push(yield* busy());
  log.push((yield* whenAny([waits(), resumeAfter(1)])).index);
  const action = inAsync();
  action.cancel();
  log.push(yield* action);
  try { yield* resumeBackground(); } catch (error) { log.push(error.code); }
  return log;
});
globalThis.result = main().then((log) => log.join());
`;

it('works without process, without setImmediate, without AsyncLocalStorage', async () => {
  const { outputFiles } = esbuild.buildSync({
    stdin: { contents: PROGRAM, resolveDir: '/' },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
    logLevel: 'silent',
  });
  const code = outputFiles[0]?.text ?? '';
  expect(code).not.toMatch(/(from|require\()\s*["']node:/);
  const channels: InstanceType<typeof MessageChannel>[] = [];
  const realm = createContext({
    // A browser's own globals, as far as they are used.
    AbortController,
    URL,
    performance,
    queueMicrotask,
    setTimeout,
    clearTimeout,
    MessageChannel: function Channel() {
      const channel = new MessageChannel();
      channels.push(channel);
      return channel;
    },
  });
  runInContext(code, realm);
  expect(await realm.result).toBe('1000,true,1,false,ERR_HOP_UNNAMED');
  expect(channels).toHaveLength(1);
  for (const { port1, port2 } of channels) {
    port1.close();
    port2.close();
  }
});
