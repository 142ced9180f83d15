// few-descriptors.mjs <limit>: poll and select with as many items as RLIMIT_NOFILE allows, and with more. Prints what they give.
import { constants, must, native, pair, VERSION } from '../addon.mjs';

native.startup(VERSION);
const limit = Number(process.argv[2]);
const seen = (result) => (result < 0 ? [result, native.lastError()] : [result]);

function poll(handle, count) {
  const fds = new Float64Array(count * 3);
  for (let i = 0; i < count; i++) fds.set([handle, constants.POLLIN, 0], i * 3);
  return seen(native.poll(fds, count, 2000));
}

const { near, far } = pair();
must('send', native.send(far, new Uint8Array(1), 1, 0));
const pollAtLimit = poll(near, limit);
const pollBeyond = poll(near, limit + 1);
// 40 sockets in three sets are 120 entries: all writable, one readable.
const all = [near, far];
while (all.length < 40) all.push(...Object.values(pair()));
const set = () => new Float64Array([all.length, ...all]);
const selectInThreeSets = seen(native.select(set(), set(), set(), 2000));
process.stdout.write(JSON.stringify({ pollAtLimit, pollBeyond, selectInThreeSets }));
