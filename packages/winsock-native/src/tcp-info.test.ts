import { AF_INET, IPPROTO_TCP, SockaddrIn } from '@netloom/sockaddr';
import { afterEach, describe, expect, test } from 'vitest';
import {
  SOCK_STREAM,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_INFO,
  TCP_LISTEN,
  TCP_SYN_SENT,
} from './constants.js';
import { native } from './native.js';
import { Socket, WOULD_BLOCK } from './socket.js';
import { TCP_INFO_FIELDS, type tcp_info, tcpInfoCodec } from './tcp-info.js';

const opened: Socket[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

function tcp(): Socket {
  const one = Socket.create(AF_INET, SOCK_STREAM);
  opened.push(one);
  return one;
}

function listening(backlog: number): Socket {
  const one = tcp();
  one.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  one.listen(backlog);
  return one;
}

/** A client whose handshake is over, unless the listener's queue is full. */
function connecting(to: Socket): Socket {
  const one = tcp();
  if (one.tryConnect(to.localAddress) === WOULD_BLOCK) one.finishConnect();
  return one;
}

function infoOf(one: Socket): tcp_info {
  // SAFETY: the option table gives TCP_INFO this codec.
  return one.getOption(IPPROTO_TCP, TCP_INFO ?? -1) as tcp_info;
}

describe.runIf(process.platform === 'linux')('tcp_info', () => {
  test('tells the state of a connection through its life', () => {
    const listener = listening(5);
    expect(infoOf(tcp()).tcpi_state).toBe(TCP_CLOSE);
    expect(infoOf(listener).tcpi_state).toBe(TCP_LISTEN);
    const client = connecting(listener);
    expect(infoOf(client).tcpi_state).toBe(TCP_ESTABLISHED);
    const server = listener.tryAccept();
    if (server === WOULD_BLOCK) throw new Error('nobody connected');
    opened.push(server);
    client.shutdown('send');
    expect(infoOf(server).tcpi_state).toBe(TCP_CLOSE_WAIT);
  });

  test('of a listener, tcpi_unacked is the length of its queue and tcpi_sacked the backlog', () => {
    const listener = listening(3);
    expect(infoOf(listener)).toMatchObject({ tcpi_unacked: 0, tcpi_sacked: 3 });
    connecting(listener);
    connecting(listener);
    expect(infoOf(listener)).toMatchObject({ tcpi_unacked: 2, tcpi_sacked: 3 });
  });

  test('a connect that nobody answers is in SYN_SENT', () => {
    const listener = listening(0);
    connecting(listener);
    expect(infoOf(connecting(listener)).tcpi_state).toBe(TCP_SYN_SENT);
  });

  test('counts the bytes of a connection in 64 bits', () => {
    const listener = listening(1);
    const client = connecting(listener);
    expect(infoOf(client).tcpi_bytes_sent).toBe(0n);
    client.trySend(new Uint8Array(1234));
    expect(infoOf(client)).toMatchObject({ tcpi_bytes_sent: 1234n, tcpi_segs_out: 3 });
    expect(infoOf(client).tcpi_snd_wscale).toBeGreaterThan(0);
  });

  test('every field lies where the compiler has it', () => {
    const { size = 0, ...offsets } = native.libc.layouts.tcp_info ?? {};
    expect(size).toBeGreaterThan(0);
    const ours = Object.fromEntries(TCP_INFO_FIELDS.map(({ name, offset }) => [name, offset]));
    expect(ours).toMatchObject(offsets);
    // The headers may be older than the table, never the other way round; all have the fields of 2004.
    expect(tcpInfoCodec.size).toBeGreaterThanOrEqual(size);
    expect(Object.keys(offsets).length).toBeGreaterThanOrEqual(30);
  });
});

describe('tcp_info of fewer bytes', () => {
  const all = Uint8Array.from({ length: tcpInfoCodec.size }, (_, i) => i & 0xff);

  test.each([
    [104, 'tcpi_total_retrans', 'tcpi_pacing_rate'],
    [192, 'tcpi_sndbuf_limited', 'tcpi_delivered'],
    [232, 'tcpi_snd_wnd', 'tcpi_rcv_wnd'],
  ])('%i bytes: %s is there, %s is not', (length, last, absent) => {
    const info = tcpInfoCodec.decode(all.subarray(0, length));
    expect(info).toHaveProperty(last);
    expect(info).not.toHaveProperty(absent);
  });

  test('the bit fields are cut out of their bytes', () => {
    const bytes = new Uint8Array(tcpInfoCodec.size);
    bytes[6] = 0x7a;
    bytes[7] = 0b101;
    const [snd, rcv, limited, fail] =
      new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0xa, 7, 1, 2] : [7, 0xa, 0, 0];
    expect(tcpInfoCodec.decode(bytes)).toMatchObject({
      tcpi_snd_wscale: snd,
      tcpi_rcv_wscale: rcv,
      tcpi_delivery_rate_app_limited: limited,
      tcpi_fastopen_client_fail: fail,
    });
  });

  test('it can only be read', () => {
    expect(() => tcp().setOption(IPPROTO_TCP, TCP_INFO ?? -1, 1)).toThrow(/TCP_INFO.*only be read/);
  });
});
