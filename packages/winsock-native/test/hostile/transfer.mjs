// Streams whose bytes count up: what was sent in pieces of every size arrives in pieces of every size, in order, none twice.
// The room of the kernel is made small, so that most sends are partial.
import assert from 'node:assert/strict';
import { SockaddrIn, sizeof } from '@netloom/sockaddr';
import * as w from '@netloom/winsock-native';

const MOST = 100_000;
const PERIOD = 251; // a prime: a piece that is lost or doubled does not fit by chance

/** What goes through a stream whose bytes count up, and how much of it has been sent and has arrived. */
export class Counting {
  sent = 0;
  received = 0;
  #pattern;

  constructor(most) {
    this.#pattern = Buffer.from(Uint8Array.from({ length: most + PERIOD }, (_, at) => at % PERIOD));
  }

  /** The next `length` bytes to send. */
  next(length) {
    return this.#pattern.subarray(this.sent % PERIOD, (this.sent % PERIOD) + length);
  }

  /** Fails unless these are the next bytes to arrive. */
  arrived(bytes) {
    const at = this.received % PERIOD;
    const expected = this.#pattern.subarray(at, at + bytes.length);
    assert.equal(expected.compare(bytes), 0, `other bytes than those from ${this.received} on`);
    this.received += bytes.length;
  }
}

export class Transfer {
  counts = { streams: 0, bytes: 0, partial: 0, empty: 0 };
  #random;
  #from = w.INVALID_SOCKET;
  #to = w.INVALID_SOCKET;
  #stream = new Counting(MOST);
  #buffers = [new ArrayBuffer(MOST), new SharedArrayBuffer(MOST)];

  constructor(random) {
    this.#random = random;
    this.#open();
  }

  step() {
    const { below } = this.#random;
    if (below(500) === 0) {
      this.finish();
      this.#open();
    } else if (below(2)) this.#send(this.#size());
    else this.#receive(this.#size());
  }

  /** Everything that was sent arrives, and then the end. */
  finish() {
    assert.equal(w.shutdown(this.#from, w.SD_SEND), 0);
    assert.equal(w.ioctlsocket(this.#to, w.FIONBIO, { value: 0 }), 0);
    while (this.#receive(MOST) > 0);
    assert.equal(this.#stream.received, this.#stream.sent);
    for (const s of [this.#from, this.#to]) assert.equal(w.closesocket(s), 0);
    this.counts.streams++;
    this.counts.bytes += this.#stream.sent;
  }

  #open() {
    const passive = w.socket(2, w.SOCK_STREAM, 0);
    const name = SockaddrIn.from({ address: '127.0.0.1', port: 0 });
    assert.equal(w.bind(passive, name, sizeof(name)), 0);
    assert.equal(w.listen(passive, 1), 0);
    assert.equal(w.getsockname(passive, name, { value: sizeof(name) }), 0);
    this.#from = w.socket(2, w.SOCK_STREAM, 0);
    assert.equal(w.connect(this.#from, name, sizeof(name)), 0);
    this.#to = w.accept(passive, null, null);
    assert.equal(w.setsockopt(this.#from, w.SOL_SOCKET, w.SO_SNDBUF, 4096), 0);
    assert.equal(w.setsockopt(this.#to, w.SOL_SOCKET, w.SO_RCVBUF, 4096), 0);
    for (const s of [this.#from, this.#to]) {
      assert.equal(w.ioctlsocket(s, w.FIONBIO, { value: 1 }), 0);
    }
    assert.equal(w.closesocket(passive), 0);
    this.#stream.sent = 0;
    this.#stream.received = 0;
  }

  /** Mostly small, sometimes none, sometimes more than any room. */
  #size() {
    const { below } = this.#random;
    return below(2) === 0 ? below(MOST) : below(64);
  }

  #send(length) {
    const bytes = new Uint8Array(this.#random.pick(this.#buffers), 0, length);
    bytes.set(this.#stream.next(length));
    const count = w.send(this.#from, bytes, length, 0);
    if (count < 0) return assert.equal(w.WSAGetLastError(), 10035);
    assert.ok(count <= length);
    if (length === 0) this.counts.empty++;
    if (count < length) this.counts.partial++;
    this.#stream.sent += count;
  }

  #receive(length) {
    const bytes = new Uint8Array(this.#random.pick(this.#buffers), 0, length);
    const count = w.recv(this.#to, bytes, length, 0);
    if (count < 0) {
      assert.equal(w.WSAGetLastError(), 10035);
      return count;
    }
    if (length === 0) assert.equal(count, 0);
    this.#stream.arrived(bytes.subarray(0, count));
    return count;
  }
}
