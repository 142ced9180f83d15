/** Accepts where nobody comes. With `kill`, another thread kills the process; with `terminate`, it is the worker that waits. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { AF_INET, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  accept,
  bind,
  listen,
  SOCK_STREAM,
  socket,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';

const how = isMainThread ? process.argv[2] : workerData;

function acceptForEver() {
  WSAStartup(0x202, new WSADATA());
  const listener = socket(AF_INET, SOCK_STREAM, 0);
  const address = SockaddrIn.from({ address: '127.0.0.1', port: 0 });
  bind(listener, address, sizeof(address));
  listen(listener, 1);
  accept(listener, null, null);
}

/** Whether the begin of `accept` stands in a trace: then the thread is in the call, or about to enter it. */
function hasBegun() {
  const directory = process.env.NETLOOM_TRACE_CALLS;
  return (
    existsSync(directory) &&
    readdirSync(directory).some((file) =>
      /"begin","call":"accept"/.test(readFileSync(join(directory, file), 'utf8')),
    )
  );
}

function whenBegun(act) {
  const look = setInterval(() => {
    if (!hasBegun()) return;
    clearInterval(look);
    act();
  }, 5);
}

if (isMainThread && how === 'kill') {
  const killer = new Worker(new URL(import.meta.url), { workerData: 'killer' });
  // The worker must be loaded before this thread does not answer any more.
  await once(killer, 'message');
  acceptForEver();
} else if (how === 'killer') {
  parentPort.postMessage('ready');
  whenBegun(() => process.kill(process.pid, 'SIGKILL'));
} else if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: 'accept' });
  whenBegun(async () => {
    await worker.terminate();
    console.log('terminated');
  });
  await once(worker, 'exit');
} else {
  acceptForEver();
}
