/** A character outside the basic plane: two units, four bytes; and what is left of it when the room ends between them. */
import { closesocket, SD_SEND, shutdown } from '@netloom/winsock-native';
import { serverPort } from '../../scenes/shared/server-port.js';
import { wide } from '../../stages/shared/wide-text.js';
import type { Theatre } from '../../theatre/scene.js';
import {
  arrived,
  connectTo,
  give,
  hex,
  listenAnywhere,
  nextConnection,
  take,
} from '../shared/sockets.js';

/** U+20BB7, a form of 吉 (luck) that names of people and shops have. */
const CHARACTER = '\u{20bb7}';
const BYTES = '42 d8 b7 df';
const GREETING = 'Welcome to server!';
/** One unit more would fill the tutorial's buffer of 100. */
const UNITS_BEFORE = 99;
/** What a terminal shows for half a character. */
const REPLACEMENT = '\u{fffd}';

export async function outsideBasicPlane(theatre: Theatre): Promise<void> {
  theatre.tell({
    en: `4. ${CHARACTER} (U+20BB7) lies outside the basic plane: in UTF-16 it is two units, d842 and dfb7.`,
    zh: `4. ${CHARACTER}（U+20BB7）不在基本多文种平面内：UTF-16 用两个码元表示它，d842 和 dfb7。`,
  });
  await onTheWire(theatre);
  const whole = await served(theatre, CHARACTER);
  theatre.expect(
    {
      en: 'the same four bytes sent to the server: it prints the one character',
      zh: '这四个字节照样发给服务器，服务器打印出这一个字符',
    },
    whole === CHARACTER,
    `${whole} (${[...whole].length})`,
  );
  const tooLong = 'x'.repeat(UNITS_BEFORE) + CHARACTER;
  const cut = await served(theatre, tooLong);
  const half = tooLong.charCodeAt(UNITS_BEFORE).toString(16);
  theatre.expect(
    {
      en: 'behind 99 units the buffer of 100 ends in the middle: half a character, which is none',
      zh: '前面已有 99 个码元时，能放 100 个码元的缓冲区正好在它中间用完：半个字符，什么也不是',
    },
    cut === 'x'.repeat(UNITS_BEFORE) + REPLACEMENT,
    {
      en: `… ${cut.slice(-3)}: unit ${half} alone, shown as U+FFFD`,
      zh: `… ${cut.slice(-3)}：只剩码元 ${half}，显示为 U+FFFD`,
    },
  );
}

/** What stage 4's client sends when the character is typed. */
async function onTheWire(theatre: Theatre): Promise<void> {
  const { listener, port } = listenAnywhere(theatre.host);
  const client = theatre.start('client', { stage: 4, port });
  const sock = await nextConnection(listener);
  try {
    give(sock, wide(GREETING));
    await client.printed(/what you want to send to server: $/);
    client.type(CHARACTER);
    await client.ended; // it has shut down: what it sent is all here
    await arrived(sock, BYTES.split(' ').length);
    const sent = hex(take(sock, 200));
    theatre.expect(
      { en: 'the client sends four bytes for it', zh: '客户端为它发送四个字节' },
      sent === BYTES,
      sent,
    );
  } finally {
    closesocket(sock);
    closesocket(listener);
  }
}

/** What stage 4's server prints for a text. */
async function served(theatre: Theatre, text: string): Promise<string> {
  const server = theatre.start('server', { stage: 4, port: 0 });
  const sock = connectTo(theatre.host, await serverPort(server));
  try {
    await arrived(sock, 2 * GREETING.length);
    give(sock, wide(text));
    shutdown(sock, SD_SEND);
    await server.ended;
    return server.out.split('\n').at(-2) ?? '';
  } finally {
    closesocket(sock);
  }
}
