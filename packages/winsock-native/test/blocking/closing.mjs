// closing.mjs <case>: an owned close of a stream that has bytes to send and SO_LINGER on. Prints how many ms it took. A process
// of its own, because a close that waits can be ended by nothing else.
import { once } from 'node:events';
import { connect } from 'node:net';
import { client, constants, fill, listen, must, native, pair, VERSION } from '../addon.mjs';

native.startup(VERSION);

function setLinger(handle, seconds) {
  const value = { l_onoff: seconds === 0 ? 0 : 1, l_linger: seconds };
  const bytes = native.optionCodecs.linger.pack(value);
  const { SOL_SOCKET, SO_LINGER } = constants;
  must('setsockopt', native.setsockopt(handle, SOL_SOCKET, SO_LINGER, bytes, bytes.length));
}

const cases = {
  'a time without end'() {
    const { near } = pair();
    setLinger(near, -1);
    return near;
  },
  async 'from elsewhere'() {
    const { port } = listen();
    const stranger = connect(port, '127.0.0.1');
    await once(stranger, 'connect');
    // The number of a socket that Node opened: no row knows it.
    setLinger(stranger._handle.fd, 60);
    return stranger._handle.fd;
  },
  'accepted from a listener that had it'() {
    const { handle, port } = listen();
    setLinger(handle, 60);
    client(port);
    setLinger(handle, 0);
    return must('accept', native.accept(handle, null, new Int32Array(1)));
  },
};

const handle = await cases[process.argv[2]]();
const out = new Uint32Array(2);
must('sockAdopt', native.sockAdopt(handle, 0, out));
fill(handle);
const begin = performance.now();
must('sockClose', native.sockClose(handle, out[0]));
process.stdout.write(String(performance.now() - begin), () => process.exit(0));
