import { describe, expect, it } from 'vitest';
import { ascii, checksDescriptors, failureOf, Pair, textOf, until } from '../test/loopback.js';

checksDescriptors();

describe('toWebStreams()', () => {
  it('gives what arrives, and ends with the peer', async () => {
    using pair = await Pair.open();
    const { readable } = pair.server.toWebStreams();
    await pair.client.send(ascii('one '));
    const seen: string[] = [];
    for await (const bytes of readable) {
      seen.push(textOf(bytes));
      if (seen.length === 1) await pair.client.send(ascii('two'));
      else pair.client.shutdown('send');
    }
    expect(seen).toEqual(['one ', 'two']);
  });

  it("fills a reader's own memory", async () => {
    using pair = await Pair.open();
    const { readable } = pair.server.toWebStreams();
    const reader = readable.getReader({ mode: 'byob' });
    await pair.client.send(ascii('abcdef'));
    const first = await reader.read(new Uint8Array(4));
    expect(textOf(first.value ?? ascii(''))).toBe('abcd');
    const second = await reader.read(new Uint8Array(4));
    expect(textOf(second.value ?? ascii(''))).toBe('ef');
    pair.client.shutdown('send');
    expect(await reader.read(new Uint8Array(4))).toMatchObject({ done: true });
  });

  it('sends what is written, with back-pressure, and closing ends sending', async () => {
    using pair = await Pair.open();
    const { writable } = pair.server.toWebStreams();
    const writer = writable.getWriter();
    const large = Uint8Array.from({ length: 12 << 20 }, (_, at) => (at * 17) % 253);
    let hasWritten = false;
    const written = writer.write(large).then(() => {
      hasWritten = true;
    });
    await until(() => pair.server.counters.bytesSent > 0);
    expect(hasWritten).toBe(false);
    expect(Buffer.compare(await pair.client.recvExactly(large.length), large)).toBe(0);
    await written;
    await writer.close();
    expect(await pair.client.recv(new Uint8Array(1))).toBe(0);
    expect(pair.server.isClosed).toBe(false);
  }, 30_000);

  it('closes the connection when both have ended', async () => {
    using pair = await Pair.open();
    const { readable, writable } = pair.server.toWebStreams();
    await readable.cancel();
    expect(pair.server.isClosed).toBe(false);
    await writable.close();
    expect(pair.server.isClosed).toBe(true);
  });

  it('resets where writing is aborted', async () => {
    using pair = await Pair.open();
    const { writable } = pair.server.toWebStreams();
    const failure = failureOf(pair.client.recv(new Uint8Array(1)));
    await writable.abort();
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
  });

  it('fails reading where the peer resets', async () => {
    using pair = await Pair.open();
    const { readable } = pair.server.toWebStreams();
    const failure = failureOf(readable.getReader().read());
    pair.resetFromClient();
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
  });
});
