/** A line with blanks: what `std::wcin >> buf` takes of it, and what our client sends. */
import { serverPort } from '../../scenes/shared/server-port.js';
import type { Theatre } from '../../theatre/scene.js';
import { compiled } from './compile.js';

const LINE = 'a line with blanks';

export async function lineWithBlanks(theatre: Theatre): Promise<void> {
  theatre.tell({
    en: `3. Blanks. A person types: ${LINE}`,
    zh: `3. 空格。有人输入：${LINE}`,
  });
  const what = {
    en: 'std::wcin >> buf takes the first word and leaves the rest in the input',
    zh: 'std::wcin >> buf 只取第一个单词，其余留在输入里',
  };
  await compiled(theatre, 'c++', 'wcin.cpp', what, async (program) => {
    const actor = theatre.run(program, [], { lane: 'wcin.cpp' });
    actor.type(LINE);
    const { code } = await actor.ended;
    const [first = '', ...others] = LINE.split(' ');
    theatre.expect(
      what,
      code === 0 && actor.out === `taken: ${first}\nleft:  ${others.join(' ')}\n`,
      actor.out.trim().split('\n').join('; '),
    );
  });

  const server = theatre.start('server', { stage: 4, port: 0 });
  const port = await serverPort(server);
  const client = theatre.start('client', { stage: 4, port });
  await client.printed(/what you want to send to server: $/);
  client.type(LINE);
  await Promise.all([server.ended, client.ended]);
  theatre.expect(
    {
      en: 'our client takes the line, and the server prints all of it',
      zh: '我们的客户端读取整行，服务器完整打印',
    },
    server.out.endsWith(`\n${LINE}\n`),
    server.out.split('\n').at(-2) ?? '',
  );
}
