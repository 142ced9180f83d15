/** The original's recv claims 400 bytes where `wchar_t buf[100]` has 200. Here the call is refused; in C it would write on. */
import { sizeof } from '@netloom/sockaddr';
import {
  closesocket,
  recv,
  SOCKET_ERROR,
  WSAEFAULT,
  WSAGetLastError,
} from '@netloom/winsock-native';
import { wide } from '../../stages/shared/wide-text.js';
import type { Theatre } from '../../theatre/scene.js';
import {
  arrived,
  bytesWaiting,
  connectTo,
  give,
  listenAnywhere,
  nextConnection,
} from '../shared/sockets.js';
import { compiled } from './compile.js';

const CLAIMED_BYTES = 400;
/** More than the buffer has room for, less than what is claimed. */
const MESSAGE = 'A'.repeat(100) + 'B'.repeat(50);

export async function overflow(theatre: Theatre): Promise<void> {
  theatre.tell({
    en: `1. An overflow. A message of 300 bytes; buf has 200, and recv is told ${CLAIMED_BYTES}.`,
    zh: `1. 溢出。消息有 300 字节，buf 只有 200 字节，却告诉 recv 有 ${CLAIMED_BYTES} 字节。`,
  });
  const { listener, port } = listenAnywhere(theatre.host);
  const sender = connectTo(theatre.host, port);
  const receiver = await nextConnection(listener);
  try {
    const message = wide(MESSAGE);
    give(sender, message);
    await arrived(receiver, sizeof(message));

    const buf = new Uint16Array(100);
    const claimed = recv(receiver, buf, CLAIMED_BYTES, 0);
    const code = WSAGetLastError();
    const waiting = bytesWaiting(receiver);
    theatre.expect(
      {
        en: 'a length beyond the buffer’s end is refused, 10014, and nothing is taken or written',
        zh: '长度超出缓冲区末尾，调用被拒绝（10014），既没有取走数据，也没有写入',
      },
      claimed === SOCKET_ERROR &&
        code === WSAEFAULT &&
        waiting === sizeof(message) &&
        buf.every((unit) => unit === 0),
      `recv(…, ${CLAIMED_BYTES}) = ${claimed}, ${code}; FIONREAD ${waiting}`,
    );
    const received = recv(receiver, buf, sizeof(buf), 0);
    const left = bytesWaiting(receiver);
    theatre.expect(
      {
        en: 'with the true size recv takes what fits, and the rest stays for the next call',
        zh: '给出真实大小，recv 只取放得下的部分，其余留给下一次调用',
      },
      received === sizeof(buf) && left === sizeof(message) - sizeof(buf),
      `recv(…, ${sizeof(buf)}) = ${received}; FIONREAD ${left}`,
    );
  } finally {
    for (const sock of [sender, receiver, listener]) closesocket(sock);
  }
  await inC(theatre);
}

async function inC(theatre: Theatre): Promise<void> {
  const what = {
    en: 'the same in C: recv writes on, over what lies behind the buffer',
    zh: '同样的调用在 C 里：recv 越过缓冲区，改写了后面的内存',
  };
  await compiled(theatre, 'cc', 'overflow.c', what, async (program) => {
    const actor = theatre.run(program, [], { lane: 'overflow.c' });
    const { code } = await actor.ended;
    const [, overwritten] = /after: (\d+) bytes overwritten/.exec(actor.out) ?? [];
    theatre.expect(
      what,
      code === 0 && Number(overwritten) === 100,
      actor.out.trim().split('\n').slice(1).join('; '),
    );
  });
}
