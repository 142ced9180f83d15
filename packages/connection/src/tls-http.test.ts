/**
 * TLS of `node:tls` and HTTP of `node:http` over connections, both sides of both.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { connect, createSecureContext, type TLSSocket, TLSSocket as Tls } from 'node:tls';
import { Connection } from '@netloom/connection';
import { describe, expect, it } from 'vitest';
import { one, two } from '../test/certificates.js';
import { ascii, checksDescriptors, Pair, textOf } from '../test/loopback.js';

checksDescriptors();

/** A handshake, on a machine that has other work. */
const HANDSHAKE_MS = 30_000;

const contexts = new Map([
  ['one.test', createSecureContext(one)],
  ['two.test', createSecureContext(two)],
]);

/** TLS over a pair: the client asks for a name and protocols. */
async function secured(servername: string, protocols: string[]) {
  const pair = await Pair.open();
  const server = new Tls(pair.server.toDuplex(), {
    isServer: true,
    ...one,
    SNICallback: (name, done) => done(null, contexts.get(name)),
    ALPNProtocols: ['http/1.1', 'netloom'],
  });
  const client = connect({
    socket: pair.client.toDuplex(),
    servername,
    ca: [one.cert, two.cert],
    ALPNProtocols: protocols,
  });
  await Promise.all([once(server, 'secure'), once(client, 'secureConnect')]);
  return { server, client };
}

async function bothClosed(...sockets: readonly TLSSocket[]): Promise<void> {
  await Promise.all(sockets.map((each) => (each.closed ? undefined : once(each, 'close'))));
}

describe('TLS over connections', () => {
  it.each(['one.test', 'two.test'])(
    'shows the certificate of the name asked for: %s',
    async (name) => {
      const { server, client } = await secured(name, []);
      expect(client.authorized).toBe(true);
      expect(client.getPeerCertificate().subject.CN).toBe(name);
      client.end();
      server.resume().end();
      client.resume();
      await bothClosed(server, client);
    },
    HANDSHAKE_MS,
  );

  it(
    'agrees on a protocol, and a connection stands on each side of it',
    async () => {
      const { server, client } = await secured('two.test', ['netloom']);
      expect([server.alpnProtocol, client.alpnProtocol]).toEqual(['netloom', 'netloom']);
      const [here, there] = [Connection.fromDuplex(server), Connection.fromDuplex(client)];
      await there.send(ascii('hello\n'));
      expect(await here.lines().next()).toBe('hello');
      const large = Uint8Array.from({ length: 2 << 20 }, (_, at) => (at * 17) % 253);
      const sending = here.send(large).then((count) => count);
      expect(Buffer.compare(await there.recvExactly(large.length), large)).toBe(0);
      await sending;
      here.shutdown('send');
      expect(await there.recv(new Uint8Array(1))).toBe(0);
      there.close();
      here.close();
      await bothClosed(server, client);
    },
    HANDSHAKE_MS,
  );

  it(
    'refuses a certificate of another name',
    async () => {
      const pair = await Pair.open();
      const server = new Tls(pair.server.toDuplex(), { isServer: true, ...one });
      server.on('error', () => undefined);
      const client = connect({
        socket: pair.client.toDuplex(),
        servername: 'two.test',
        ca: [one.cert],
      });
      const [error] = await once(client, 'error');
      expect(error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      server.destroy();
      await bothClosed(server, client);
      pair.server.close();
      pair.client.close();
    },
    HANDSHAKE_MS,
  );
});

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('HTTP over connections', () => {
  it(
    'serves requests one after the other over one connection, kept alive by both sides',
    async () => {
      const pair = await Pair.open();
      const server = createServer(async (message, response) => {
        const body = await bodyOf(message);
        response.end(`${message.method} ${message.url} ${body}`);
      });
      server.emit('connection', pair.server.toDuplex());

      const socket = pair.client.toDuplex();
      let made = 0;
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      Reflect.set(agent, 'createConnection', () => {
        made += 1;
        return socket;
      });
      const ask = async (path: string, body: string) => {
        const sent = request({ agent, path, method: 'POST', host: 'one.test' });
        sent.end(body);
        const [answer] = await once(sent, 'response');
        const text = await bodyOf(answer);
        return [answer.statusCode, answer.headers.connection, text];
      };
      expect(await ask('/a', 'first')).toEqual([200, 'keep-alive', 'POST /a first']);
      expect(await ask('/b', 'second')).toEqual([200, 'keep-alive', 'POST /b second']);
      const large = 'x'.repeat(1 << 20);
      expect((await ask('/c', large))[2]).toBe(`POST /c ${large}`);
      expect(made).toBe(1);
      expect(socket.destroyed).toBe(false);

      const closed = once(socket, 'close');
      agent.destroy();
      server.closeAllConnections();
      await closed;
      pair.server.close();
    },
    HANDSHAKE_MS,
  );

  it(
    'answers a client that speaks HTTP by hand, pipelined',
    async () => {
      const pair = await Pair.open();
      const server = createServer((message, response) => response.end(message.url));
      server.emit('connection', pair.server.toDuplex());
      await pair.client.send(
        ascii('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n'),
      );
      for (const path of ['/1', '/2']) {
        const head = textOf(await pair.client.recvUntil(ascii('\r\n\r\n')));
        expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
        expect(textOf(await pair.client.recvExactly(2))).toBe(path);
      }
      const ended = pair.client.recv(new Uint8Array(1)).then((count) => count);
      server.closeAllConnections();
      expect(await ended).toBe(0);
      pair.client.close();
      pair.server.close();
    },
    HANDSHAKE_MS,
  );
});
