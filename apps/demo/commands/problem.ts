/**
 * What went wrong, in a clear sentence, with the exit code that belongs to it.
 *
 * 0: it worked. 1: the system or the peer said no, or a check failed. 2: the command line was wrong.
 * 130, 143 and 141: ended by Ctrl-C, by SIGTERM, and because nobody reads the output (128 and SIGPIPE's number).
 */
import { lookupError, SocketError } from '@netloom/winsock-native';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;
export const EXIT_TERMINATED = 143;
export const EXIT_PIPE = 141;

/** A failure that is already a sentence for the person at the terminal. */
export class Problem extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_FAILED) {
    super(message);
    this.name = 'Problem';
    this.exitCode = exitCode;
  }
}

/** Waits for a call that was given what stood on the command line: what it refuses there is the person's, not a bug. */
export async function fromCommandLine<T>(call: PromiseLike<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw new Problem(error.message, EXIT_USAGE);
    }
    throw error;
  }
}

/** The sentence for any error: what failed, Winsock's code and its meaning, and what to try. */
export function explain(error: unknown): { text: string; exitCode: number } {
  if (error instanceof Problem) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof SocketError) {
    const meaning = lookupError(error.wsaCode);
    const lines = [`${error.message}`];
    if (meaning !== undefined)
      lines.push(`${meaning.wsaCode} ${meaning.wsaName}: ${meaning.meaning.en}`);
    const remedy = remedyFor(error);
    if (remedy !== undefined) lines.push(remedy);
    return { text: lines.join('\n'), exitCode: EXIT_FAILED };
  }
  return {
    text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    exitCode: EXIT_FAILED,
  };
}

function remedyFor(error: SocketError): string | undefined {
  const port = error.port ?? '<port>';
  switch (error.code) {
    case 'EADDRINUSE':
      return (
        `Another program holds port ${port}. Who: ss -ltnp 'sport = :${port}' (Linux), ` +
        `lsof -nP -iTCP:${port} -sTCP:LISTEN (macOS), netstat -ano | findstr :${port} (Windows). ` +
        'Stop it, or choose another port: --port 9009'
      );
    case 'EACCES':
      return `Ports below 1024 need a privilege on Linux (CAP_NET_BIND_SERVICE). Choose another port: --port 9008`;
    case 'EADDRNOTAVAIL':
      return 'The address does not belong to this machine. Try: --host 127.0.0.1';
    case 'ENOTFOUND':
      return 'Check the spelling, or give the address itself. Try: --host 127.0.0.1';
    case 'ECONNREFUSED':
      return 'Nobody listens there. Start a server first: pnpm demo serve';
    default:
      return undefined;
  }
}
