/**
 * What the contract cases need of a test runner: `test` and `assert`, vitest's or node:test's, whichever runs them.
 *
 * The cases are plain modules, so that the same files run where vitest does not (`node --test test/contract`).
 */
import assert from 'node:assert/strict';
import { SockaddrIn, sizeof } from '@netloom/sockaddr';
import * as winsock from '@netloom/winsock-native';

// A runtime that is not Node brings one of its own (binaries/plain-runner.mjs).
const runner = await import(
  process.env.VITEST ? 'vitest' : (process.env.NETLOOM_RUNNER ?? 'node:test')
);

export { assert, sizeof, winsock };
export const test = runner.test;
export const after = runner.afterAll ?? runner.after;

/**
 * The column of a difference between systems: each with its value, and why they differ. `wine`: what Wine answers where it
 * does not do what Microsoft documents; docs/platforms.md lists them.
 */
export function bySystem({ linux, darwin = linux, win32 = linux, wine = win32, because }) {
  assert.ok(because, 'a difference between systems is written down with its reason');
  return { linux, darwin, win32: process.env.NETLOOM_WINE ? wine : win32 }[process.platform];
}

/** Options of a test that only one system can pass, and why; the reason stands in the report. */
export function onlyOn(system, because) {
  return { skip: process.platform === system ? false : because };
}

/** Options of a test that one system cannot pass, and why. */
export function notOn(system, because) {
  return { skip: process.platform === system ? because : false };
}

const opened = new Set();

/** Remembers a socket, so that it is closed when the file has run. */
export function own(s) {
  assert.notEqual(s, winsock.INVALID_SOCKET, `no socket: ${winsock.WSAGetLastError()}`);
  opened.add(s);
  return s;
}

/** Closes a socket before its time. */
export function close(s) {
  opened.delete(s);
  assert.equal(winsock.closesocket(s), 0);
}

/** A call that must fail with this code; the last error is 0 before it. */
export function fails(code, call, failed = winsock.SOCKET_ERROR) {
  winsock.WSASetLastError(0);
  assert.equal(call(), failed);
  assert.equal(winsock.WSAGetLastError(), code);
}

/** A call that must succeed, and leave the last error alone. */
export function succeeds(call, expected = 0) {
  winsock.WSASetLastError(4711);
  const result = call();
  assert.equal(result, expected, `last error ${winsock.WSAGetLastError()}`);
  assert.equal(winsock.WSAGetLastError(), 4711);
  return result;
}

export function loopback(port = 0) {
  return SockaddrIn.from({ address: '127.0.0.1', port });
}

export function tcp() {
  return own(winsock.socket(2, winsock.SOCK_STREAM, 0));
}

export function udp() {
  return own(winsock.socket(2, winsock.SOCK_DGRAM, 0));
}

/** Where a socket is bound. */
export function nameOf(s) {
  const name = new SockaddrIn();
  assert.equal(winsock.getsockname(s, name, { value: sizeof(name) }), 0);
  return name;
}

/** Binds to a free port of the loopback and gives the address. */
export function bindAnywhere(s) {
  const name = loopback();
  assert.equal(winsock.bind(s, name, sizeof(name)), 0);
  return nameOf(s);
}

export function listener(backlog = 5) {
  const s = tcp();
  const name = bindAnywhere(s);
  assert.equal(winsock.listen(s, backlog), 0);
  return { s, name };
}

/** Two connected ends: the kernel finishes the handshake before `accept` is called. */
export function connected() {
  const { s: passive, name } = listener();
  const client = tcp();
  assert.equal(winsock.connect(client, name, sizeof(name)), 0);
  const server = own(winsock.accept(passive, null, null));
  close(passive);
  return { client, server };
}

export function nonBlocking(s) {
  assert.equal(winsock.ioctlsocket(s, winsock.FIONBIO, { value: 1 }), 0);
  return s;
}

/** Waits, in the kernel, until a socket can be read. */
export function readable(s) {
  const fds = [{ fd: s, events: winsock.POLLIN, revents: 0 }];
  assert.equal(winsock.WSAPoll(fds, 1, 5000), 1, 'nothing came within five seconds');
  return fds[0].revents;
}

/** Starts the sockets for a file, and ends them after its cases. */
export function startUp() {
  assert.equal(winsock.WSAStartup(winsock.MAKEWORD(2, 2), new winsock.WSADATA()), 0);
  after(() => {
    for (const s of opened) winsock.closesocket(s);
    opened.clear();
    winsock.WSACleanup();
  });
}
