import { SO_LINGER, SOL_SOCKET, SocketError } from '@netloom/winsock-native';
import { expect, test } from 'vitest';
import { reset } from './reset.js';

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
