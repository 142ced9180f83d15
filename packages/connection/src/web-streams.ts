/**
 * A connection as two web streams: what `Connection.toWebStreams` gives. WHATWG Streams §4, §5.
 *
 * Nothing is read before somebody asks; a reader that brings its own memory (BYOB) gets it filled without a copy.
 */
import { ReadableStream, WritableStream } from 'node:stream/web';
import type { Connection } from './connection.js';

export interface WebStreams {
  /** A byte stream. */
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

export function webStreams(connection: Connection): WebStreams {
  const open = new Set(['readable', 'writable']);
  const ended = (which: string) => {
    open.delete(which);
    if (open.size === 0) connection.close();
  };

  const readable = new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      if (request !== null && view !== null && view !== undefined) {
        const { buffer, byteOffset, byteLength } = view;
        const count = await connection.recv(new Uint8Array(buffer, byteOffset, byteLength));
        if (count === 0) {
          controller.close();
          ended('readable');
        }
        request.respond(count);
        return;
      }
      const bytes = await connection.recvSome();
      if (bytes.length > 0) return controller.enqueue(bytes);
      controller.close();
      ended('readable');
    },
    cancel() {
      if (!connection.isClosed) connection.shutdown('receive');
      ended('readable');
    },
  });

  const writable = new WritableStream<Uint8Array>({
    async write(bytes) {
      await connection.send(bytes);
    },
    close() {
      if (!connection.isClosed) connection.shutdown('send');
      ended('writable');
    },
    abort() {
      connection.reset();
    },
  });
  return { readable, writable };
}
