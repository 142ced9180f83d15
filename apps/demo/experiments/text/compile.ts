/** Small C and C++ programs that show the original's behaviour, compiled on the spot where a compiler is there. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bilingual } from '@netloom/winsock-native';
import { installed } from '../../theatre/installed.js';
import type { Theatre } from '../../theatre/scene.js';
import { ScratchFolder } from '../../theatre/scratch-folder.js';

/** Beside this file's source, which is not where it runs from: that is the folder of built ones. */
const BUILT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SOURCES = join(BUILT, '..', 'experiments', 'text');

/**
 * Compiles a source file and hands its program on for as long as `use` runs.
 *
 * Without a compiler it says that `what` is left out.
 */
export async function compiled(
  theatre: Theatre,
  compiler: 'cc' | 'c++',
  source: string,
  what: Bilingual,
  use: (program: string) => Promise<void>,
): Promise<void> {
  if (installed(compiler) === undefined) {
    theatre.leaveOut({
      en: `${what.en} (needs a compiler, ${compiler})`,
      zh: `${what.zh}（需要编译器 ${compiler}）`,
    });
    return;
  }
  using folder = new ScratchFolder();
  const program = join(folder.path, source.replace(/\..*$/, ''));
  const file = join(SOURCES, source);
  const compilation = theatre.run(compiler, ['-O1', '-o', program, file], { lane: compiler });
  const { code } = await compilation.ended;
  theatre.expect(
    { en: `${source} compiles`, zh: `${source} 编译成功` },
    code === 0,
    compilation.err.trim(),
  );
  if (code === 0) await use(program);
}
