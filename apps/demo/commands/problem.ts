/**
 * What went wrong, in a clear sentence, with the exit code that belongs to it.
 *
 * 0: it worked. 1: the system or the peer said no, or a check failed. 2: the command line was wrong.
 * 130, 143 and 141: ended by Ctrl-C, by SIGTERM, and because nobody reads the output (128 and SIGPIPE's number).
 */
import { lookupError, SocketError } from '@netloom/winsock-native';
import { inLanguage, type Language, type Text } from '../theatre/language.js';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;
export const EXIT_TERMINATED = 143;
export const EXIT_PIPE = 141;

/** A failure that is already a sentence for the person at the terminal. */
export class Problem extends Error {
  readonly text: Text;
  readonly exitCode: number;

  constructor(text: Text, exitCode: number = EXIT_FAILED) {
    super(inLanguage('en', text));
    this.name = 'Problem';
    this.text = text;
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
export function explain(
  error: unknown,
  language: Language = 'en',
): { text: string; exitCode: number } {
  if (error instanceof Problem) {
    return { text: inLanguage(language, error.text), exitCode: error.exitCode };
  }
  if (error instanceof SocketError) {
    const meaning = lookupError(error.wsaCode);
    const lines = [`${error.message}`];
    if (meaning !== undefined)
      lines.push(`${meaning.wsaCode} ${meaning.wsaName}: ${meaning.meaning[language]}`);
    const remedy = remedyFor(error);
    if (remedy !== undefined) lines.push(inLanguage(language, remedy));
    return { text: lines.join('\n'), exitCode: EXIT_FAILED };
  }
  return {
    text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    exitCode: EXIT_FAILED,
  };
}

/** What to do about a port that another program holds. */
export function portTaken(port: number | string): Text {
  const who =
    `ss -ltnp 'sport = :${port}' (Linux), lsof -nP -iTCP:${port} -sTCP:LISTEN (macOS), ` +
    `netstat -ano | findstr :${port} (Windows)`;
  return {
    en: `Another program holds port ${port}. Who: ${who}. Stop it, or choose another port: --port 9009`,
    zh: `端口 ${port} 已被别的程序占用。查看是谁：${who}。请停掉它，或换一个端口：--port 9009`,
  };
}

function remedyFor(error: SocketError): Text | undefined {
  switch (error.code) {
    case 'EADDRINUSE':
      return portTaken(error.port ?? '<port>');
    case 'EACCES':
      return {
        en: 'Ports below 1024 need a privilege on Linux (CAP_NET_BIND_SERVICE). Choose another port: --port 9008',
        zh: '在 Linux 上，1024 以下的端口需要特权（CAP_NET_BIND_SERVICE）。请换一个端口：--port 9008',
      };
    case 'EADDRNOTAVAIL':
      return {
        en: 'The address does not belong to this machine. Try: --host 127.0.0.1',
        zh: '这个地址不属于本机。可以试试：--host 127.0.0.1',
      };
    case 'ENOTFOUND':
      return {
        en: 'Check the spelling, or give the address itself. Try: --host 127.0.0.1',
        zh: '请检查拼写，或直接写地址。可以试试：--host 127.0.0.1',
      };
    case 'ECONNREFUSED':
      return {
        en: 'Nobody listens there. Start a server first: pnpm demo serve',
        zh: '那里没有程序在监听。请先启动服务器：pnpm demo serve',
      };
    default:
      return undefined;
  }
}
