/** `stage N --interactive`: the server here, and people as clients in other terminals. */
import { spawn } from 'node:child_process';
import { ALL_CLIENTS } from '../stages/shared/settings.js';
import type { Stage } from '../stages/table.js';
import { inLanguage, type Language } from '../theatre/language.js';
import { EXIT_INTERRUPTED, EXIT_TERMINATED, Problem, portTaken } from './problem.js';
import { onStopSignal } from './stop-signal.js';

const SERVER = 'server';
/** Stages whose server, as the tutorial wrote it, accepts once. */
const ONE_CLIENT: ReadonlySet<number> = new Set([2, 3, 4, 5]);
/** A terminal's Ctrl-C reaches the server, too, which may end before this process has heard of it. */
const STOPS: Readonly<Record<string, number>> = {
  SIGINT: EXIT_INTERRUPTED,
  SIGTERM: EXIT_TERMINATED,
};

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The server as a process of its own with this terminal, so that Ctrl-C is told apart from a failure. */
export async function interact(
  stage: Stage,
  port: number,
  { language, program }: { readonly language: Language; readonly program: string },
): Promise<number> {
  console.log(inLanguage(language, instructions(stage, port)));
  const { number } = stage;
  const child = spawn(
    process.execPath,
    [program, 'stage', `${number}`, '--as', SERVER, '--port', `${port}`, '--clients', ALL_CLIENTS],
    { stdio: 'inherit' },
  );
  let stopped: string | undefined;
  const release = onStopSignal((name) => {
    stopped = name;
    child.kill('SIGTERM');
  });
  const { code, signal } = await new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  }).finally(release);
  const name = stopped ?? signal ?? '';
  const exitCode = STOPS[name];
  if (exitCode !== undefined) {
    throw new Problem(
      { en: `\n${name}: the server has been ended`, zh: `\n${name}：服务器已结束` },
      exitCode,
    );
  }
  if (code === 0) return 0;
  throw new Problem({
    en: `the server ended (${code ?? signal}). If its port is taken: ${inLanguage('en', portTaken(port))}`,
    zh: `服务器已结束（${code ?? signal}）。如果是端口被占用：${inLanguage('zh', portTaken(port))}`,
  });
}

function instructions({ number, port: usual, programs }: Stage, port: number) {
  // With 0 the system chooses, and the server's first line says what.
  const rest = port === usual ? '' : ` --port ${port === 0 ? 'PORT' : port}`;
  const lines = Object.keys(programs)
    .filter((role) => !role.startsWith(SERVER))
    .map((role) => `    pnpm demo stage ${number} --as ${role}${rest}\n`)
    .join('');
  return {
    ...(ONE_CLIENT.has(number)
      ? {
          en: `Stage ${number}: the server runs here; it serves one client and ends, as the tutorial’s does. In another terminal:\n${lines}`,
          zh: `第 ${number} 阶段：服务器在此运行；和教程里的一样，服务完一个客户端就退出。请在另一个终端里输入：\n${lines}`,
        }
      : {
          en: `Stage ${number}: the server runs here until Ctrl-C. In other terminals:\n${lines}`,
          zh: `第 ${number} 阶段：服务器在此运行，按 Ctrl-C 停止。请在其他终端里输入：\n${lines}`,
        }),
  };
}
