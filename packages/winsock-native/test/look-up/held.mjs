// What becomes of look-ups that the system's resolver does not answer; run with held.cc preloaded. Prints what was seen.
import { closeSync, constants, openSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const { NETLOOM_HOLD: hold, NETLOOM_HELD: held } = process.env;
const [, , what] = process.argv;

/** Retries until `isTrue`; whoever started this has a limit. */
async function until(isTrue) {
  while (!isTrue()) await turn();
}

const questions = () => statSync(held, { throwIfNoEntry: false })?.size ?? 0;
const threads = () => readdirSync('/proc/self/task').length;
/** Lets every question that waits, and every later one, be answered. */
const release = () => openSync(hold, constants.O_RDWR);
const say = (seen) => console.log(JSON.stringify(seen));

const lives = {
  /** The process exits although a look-up is under way. */
  async exit({ getAddrInfo }) {
    getAddrInfo('held.test');
    await until(() => questions() === 1);
    process.exit(7);
  },

  /** It goes on as long as somebody waits for an answer. */
  async answer({ getAddrInfo }) {
    const { addresses } = await getAddrInfo('held.test', { port: 7 });
    say(addresses.map(String));
  },

  /** Whoever stops goes on at once, and nothing keeps the process. */
  async stop({ getAddrInfo }) {
    const controller = new AbortController();
    const aborted = getAddrInfo('held.test', { signal: controller.signal }).catch((e) => e);
    const late = getAddrInfo('held.test', { timeoutMs: 20 }).catch((e) => e);
    await until(() => questions() === 2);
    controller.abort(new Error('enough'));
    say([(await aborted).message, (await late).message]);
  },

  /** So many at a time, and those that were dropped before their turn are never asked; files are read meanwhile. */
  async cap({ getAddrInfo }) {
    const asked = Array.from({ length: 16 }, () => getAddrInfo('held.test'));
    const controller = new AbortController();
    const { signal } = controller;
    const beyond = Array.from({ length: 8 }, () =>
      getAddrInfo('held.test', { signal }).catch(() => 'dropped'),
    );
    const last = getAddrInfo('held.test');
    await until(() => questions() === 16);
    const bytes = (await readFile(process.execPath)).length;
    controller.abort();
    const dropped = await Promise.all(beyond);
    const most = questions();
    release();
    await Promise.all([...asked, last]);
    say({ most, dropped: dropped.length, questions: questions(), hasRead: bytes > 0 });
  },

  /** A worker that alone has loaded the addon is terminated; the thread comes back to code that must still be there. */
  async worker() {
    const before = threads();
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve) => worker.once('message', resolve));
    await until(() => questions() === 1);
    const code = await worker.terminate();
    closeSync(release());
    await until(() => threads() <= before);
    say({ code });
  },
};

if (isMainThread) {
  await lives[what](what === 'worker' ? {} : await import('@netloom/winsock-native'));
} else {
  const { getAddrInfo } = await import('@netloom/winsock-native');
  getAddrInfo('held.test');
  parentPort.postMessage('asked');
}
