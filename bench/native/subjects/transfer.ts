/**
 * `recv` on an idle and on a full socket and `send`, by the owned Socket's methods and under C's names; as
 * `c/native-calls.c` does it.
 */
import { IPPROTO_TCP } from '@netloom/sockaddr';
import {
  FIONBIO,
  ioctlsocket,
  MSG_PEEK,
  recv,
  SOCKET_ERROR,
  send,
  TCP_CORK,
  WOULD_BLOCK,
  WSADATA,
  WSAEWOULDBLOCK,
  WSAGetLastError,
  WSAStartup,
} from '@netloom/winsock-native';
import { drive, type Tally } from './driver.js';
import { connectedPair } from './pair.js';

const MESSAGE = 64;
const FULL = 64 * 1024;
const SENDS = 256;

const { near, far } = connectedPair();
const room = new Uint8Array(MESSAGE);
const all = new Uint8Array(FULL);

WSAStartup(0x202, new WSADATA());
const handle = near.handle;
ioctlsocket(handle, FIONBIO, { value: 1 });

/** Fills the receive queue with bytes that say where they stand, and waits until they are there. */
function fill(): void {
  for (let i = 0; i < FULL; i++) all[i] = i / MESSAGE;
  for (let sent = 0; sent < FULL; ) {
    const count = far.trySend(all.subarray(sent));
    if (count !== WOULD_BLOCK) sent += count;
  }
  while (near.tryRecv(all, MSG_PEEK) !== FULL) {}
}

function full(count: number, tally: Tally, receive: () => number): void {
  for (let done = 0; done < count; done += FULL / MESSAGE) {
    fill();
    tally.start();
    for (let i = 0; i < FULL / MESSAGE; i++) {
      if (receive() !== MESSAGE || room[0] !== (i & 255)) tally.wrong++;
    }
    tally.stop();
  }
}

/** As in C: no segment leaves while the clock runs. */
function cork(isOn: boolean): void {
  if (TCP_CORK === undefined) throw new TypeError('TCP_CORK is missing: it is Linux that has it');
  near.setOption(IPPROTO_TCP, TCP_CORK, isOn);
}

function small(count: number, tally: Tally, give: () => number): void {
  for (let done = 0; done < count; done += SENDS) {
    cork(true);
    tally.start();
    for (let i = 0; i < SENDS; i++) {
      room[0] = i;
      if (give() !== MESSAGE) tally.wrong++;
    }
    tally.stop();
    cork(false);
    for (let got = 0; got < SENDS * MESSAGE; ) {
      const taken = far.tryRecv(all);
      if (taken === WOULD_BLOCK) continue;
      if (got === 0 && (all[0] !== 0 || (taken > MESSAGE && all[MESSAGE] !== 1))) tally.wrong++;
      got += taken;
    }
  }
}

await drive({
  'recv-idle'(count, tally) {
    tally.start();
    for (let i = 0; i < count; i++) if (near.tryRecv(room) !== WOULD_BLOCK) tally.wrong++;
    tally.stop();
  },
  'recv-full': (count, tally) => full(count, tally, () => near.tryRecv(room)),
  send: (count, tally) => small(count, tally, () => near.trySend(room)),
  'c-recv-idle'(count, tally) {
    tally.start();
    for (let i = 0; i < count; i++) {
      const result = recv(handle, room, MESSAGE, 0);
      if (result !== SOCKET_ERROR || WSAGetLastError() !== WSAEWOULDBLOCK) tally.wrong++;
    }
    tally.stop();
  },
  'c-recv-full': (count, tally) => full(count, tally, () => recv(handle, room, MESSAGE, 0)),
  'c-send': (count, tally) => small(count, tally, () => send(handle, room, MESSAGE, 0)),
});
