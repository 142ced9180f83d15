import { SO_LINGER, SOL_SOCKET, SocketError } from '@netloom/winsock-native';
import { expect, test } from 'vitest';
import { refuse, reset } from './refuse.js';

test.each([
  ['takes the option', undefined],
  ['refuses the option', new SocketError({ code: 'EINVAL', syscall: 'setsockopt' })],
])('a socket that %s is closed, and nothing is thrown', (_what, error) => {
  const calls: unknown[] = [];
  reset({
    setOption: (...about) => {
      calls.push(about);
      if (error !== undefined) throw error;
    },
    close: () => calls.push('close'),
  });
  expect(calls).toEqual([[SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 }], 'close']);
});

test('a message is said, then the end; what the peer has sent is read, so that the end is no reset', () => {
  const calls: string[] = [];
  refuse(
    {
      setOption: () => calls.push('setOption'),
      trySend: (bytes) => calls.push(`send ${new TextDecoder().decode(bytes)}`),
      shutdown: (how) => calls.push(`shutdown ${how}`),
      tryRecv: () => calls.push('recv'),
      close: () => calls.push('close'),
    },
    new TextEncoder().encode('full'),
  );
  expect(calls).toEqual(['send full', 'shutdown send', 'recv', 'close']);
});

test('a peer that is gone before the message is closed all the same', () => {
  const calls: string[] = [];
  const gone = () => {
    throw new SocketError({ code: 'ECONNRESET', syscall: 'send' });
  };
  refuse(
    {
      setOption: () => {},
      trySend: gone,
      shutdown: gone,
      tryRecv: gone,
      close: () => calls.push('close'),
    },
    new Uint8Array(1),
  );
  expect(calls).toEqual(['close']);
});
