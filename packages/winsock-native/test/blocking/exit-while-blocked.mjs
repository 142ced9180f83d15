// Exits with 3 while another thread is blocked in the call named on the command line.
import {
  client,
  datagram,
  fill,
  fullListener,
  listen,
  native,
  pair,
  unixPair,
  VERSION,
} from '../addon.mjs';
import { blockedOnThread } from './threads.mjs';

native.startup(VERSION);
const call = process.argv[2];

function prepare() {
  if (call === 'accept') return listen();
  if (call === 'connect') return { port: fullListener().port, handle: client() };
  if (call === 'recvfrom' || call === 'select' || call === 'poll') return datagram();
  const { near } = call === 'recv' ? pair() : unixPair();
  if (call !== 'recv') fill(near);
  return { handle: near, length: 1 << 20 };
}

await blockedOnThread({ call, ...prepare() });
process.exit(3);
