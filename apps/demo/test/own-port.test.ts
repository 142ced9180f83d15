/** A client's fixed port may be taken by another program in the moment between the look at it and the client's bind. */
import { AF_INET, SockaddrIn } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket } from '@netloom/winsock-native';
import { expect, test } from 'vitest';
import { clientOnOwnPort } from '../scenes/shared/own-port.js';
import { serverPort } from '../scenes/shared/server-port.js';
import { stageOf } from '../stages/table.js';
import { play } from '../theatre/director.js';
import { DEMO } from './program.js';

test('the next port is tried, and that is said', async () => {
  using quicker = Socket.create(AF_INET, SOCK_STREAM);
  const ports: number[] = [];
  let out = '';
  const code = await play(
    {
      name: { en: 'Test', zh: '测试' },
      scene: {
        title: { en: 'a title', zh: '标题' },
        conclusion: { en: 'The conclusion.', zh: '结论。' },
        play: async (theatre) => {
          const server = theatre.start('server');
          const port = await serverPort(server);
          const { client, localPort } = await clientOnOwnPort(
            theatre,
            /to server: $/,
            (localPort) => {
              ports.push(localPort);
              if (ports.length === 1) {
                quicker.bind(SockaddrIn.from({ address: theatre.host, port: localPort }));
              }
              return theatre.start('client', { port, localPort });
            },
          );
          client.type('ThisIs5');
          await Promise.all([server.ended, client.ended]);
          theatre.expect({ en: 'served', zh: '已服务' }, localPort === ports[1]);
        },
      },
      words: ['stage', '5'],
      programs: stageOf(5)?.programs ?? {},
      host: '127.0.0.1',
      port: 0,
    },
    { language: 'en', program: DEMO, screen: { columns: 100, write: (text) => (out += text) } },
  );
  expect(ports).toHaveLength(2);
  expect(ports[1]).toBeGreaterThan(ports[0] ?? Number.NaN);
  expect(out).toContain(`Port ${ports[0]} was free a moment ago`);
  expect(code, out).toBe(0);
});
