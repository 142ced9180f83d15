// Every call that waits: how it is brought to wait, and the call itself.
import {
  client,
  constants,
  datagram,
  fill,
  fullListener,
  listen,
  loopback,
  native,
  pair,
  unixPair,
} from '../addon.mjs';

/** A peer that does not read, and more than the kernel takes. */
function full() {
  const { near, far } = unixPair();
  fill(near);
  return { handle: near, others: [far], length: 1 << 20 };
}

/** Each gives the socket that the call will wait on, those that keep it waiting, and what else the call needs. */
export const PREPARE = {
  accept: () => listen(),
  recv: () => {
    const { near, far } = pair();
    return { handle: near, others: [far] };
  },
  recvfrom: () => datagram(),
  send: full,
  sendto: full,
  connect: () => {
    const { handle, port, fillers } = fullListener();
    return { handle: client(), port, others: [handle, ...fillers] };
  },
  select: () => datagram(),
  poll: () => datagram(),
  // Its time to linger, with bytes that nobody takes.
  closesocket: () => {
    const { near, far } = pair();
    const bytes = native.optionCodecs.linger.pack({ l_onoff: 1, l_linger: 60 });
    native.setsockopt(near, constants.SOL_SOCKET, constants.SO_LINGER, bytes, bytes.length);
    fill(near);
    return { handle: near, others: [far] };
  },
};

/** Makes the call; `bytes` is what is sent, or where it is received. */
export function call(name, { handle, port, to = null, flags = 0, bytes }) {
  const { length } = bytes;
  const one = () => new Int32Array(1);
  const calls = {
    accept: () => native.accept(handle, null, one()),
    recv: () => native.recv(handle, bytes, length, flags),
    recvfrom: () =>
      native.recvfrom(handle, bytes, length, flags, new Uint8Array(16), new Int32Array([16])),
    send: () => native.send(handle, bytes, length, flags),
    sendto: () => native.sendto(handle, bytes, length, flags, to, to?.length ?? 0),
    connect: () => native.connect(handle, loopback(port), 16),
    select: () => native.select(new Float64Array([1, handle]), null, null, -1),
    poll: () => native.poll(new Float64Array([handle, constants.POLLIN, 0]), 1, -1),
    closesocket: () => native.closesocket(handle),
  };
  return calls[name]();
}
