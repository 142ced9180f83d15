/** Sending to a peer that is gone: the first send succeeds, the answer is a reset, the second send fails. */
import { sizeof } from '@netloom/sockaddr';
import { recv, send, WSAECONNRESET } from '@netloom/winsock-native';
import { installed } from '../../theatre/installed.js';
import type { Theatre } from '../../theatre/scene.js';
import { outcome } from '../shared/outcome.js';
import { TwoEnds } from '../shared/two-ends.js';

const NEWS = new TextEncoder().encode('news');

/** The same in another language's sockets, without MSG_NOSIGNAL and with the system's default for the signal. */
const WITHOUT_NOSIGNAL = `
import select, signal, socket
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
client.close()
print('first send:', server.send(b'news'), flush=True)
reset = select.poll()
reset.register(server, 0)
reset.poll(10000)
server.send(b'news')
print('no signal', flush=True)
`;

export async function peerGone(theatre: Theatre): Promise<void> {
  theatre.tell({
    en: '4. A peer that is gone. The client has closed in order, wholly; the server does not read, so it does not know, and sends.',
    zh: '4. 对端已经离开。客户端正常、彻底地关闭了；服务器没去读，也就不知道，照样发送。',
  });
  using ends = new TwoEnds(theatre.host);
  ends.close('client');
  await ends.untilStates('FIN_WAIT2', 'CLOSE_WAIT');
  const before = ends.states();
  const first = outcome('send', send(ends.server, NEWS, sizeof(NEWS), 0));
  await ends.untilStates(undefined, undefined);
  const after = ends.states();
  const second = outcome('send', send(ends.server, NEWS, sizeof(NEWS), 0));
  const end = outcome('recv', recv(ends.server, new Uint8Array(10), 10, 0));
  theatre.table({ en: 'The server’s calls', zh: '服务器的调用' }, [
    [
      { en: 'call', zh: '调用' },
      { en: 'states (client, server) afterwards', zh: '之后的状态（客户端、服务器）' },
    ],
    ['-', before],
    [first.text, after],
    [second.text, after],
    [end.text, after],
  ]);
  theatre.expect(
    {
      en: 'the first send succeeds: the kernel has taken the bytes. Nobody has the connection any more, so a reset comes back, and both rows are gone',
      zh: '第一次 send 成功：内核收下了字节。可是那边已没有人持有这条连接，于是回了 RST，两行都消失了',
    },
    first.result === sizeof(NEWS) && before === 'FIN_WAIT2, CLOSE_WAIT' && after === '-, -',
    `${first.text}; ${before} → ${after}`,
  );
  theatre.expect(
    {
      en: 'the second send fails with 10054, and this process lives: our send passes MSG_NOSIGNAL',
      zh: '第二次 send 失败，得到 10054，而本进程安然无恙：我们的 send 都带 MSG_NOSIGNAL',
    },
    second.code === WSAECONNRESET,
    second.text,
  );
  await withoutNoSignal(theatre);
}

/** What a C program sees that neither passes the flag nor ignores the signal. Node itself ignores it, so it cannot show this. */
async function withoutNoSignal(theatre: Theatre): Promise<void> {
  const what = {
    en: 'without MSG_NOSIGNAL the second send ends the program: SIGPIPE',
    zh: '不带 MSG_NOSIGNAL，第二次 send 会直接结束程序：SIGPIPE',
  };
  if (installed('python3') === undefined) {
    theatre.leaveOut({ en: `${what.en} (needs python3)`, zh: `${what.zh}（需要 python3）` });
    return;
  }
  theatre.tell({
    en: 'The same with bare calls, in a program that leaves the signal as the system has it.',
    zh: '同样的调用，换成不带这个标志、也不改信号处理方式的程序。',
  });
  const bare = theatre.run('python3', ['-c', WITHOUT_NOSIGNAL], { lane: 'python3' });
  const { code, signal } = await bare.ended;
  theatre.expect(what, signal === 'SIGPIPE' && bare.out === 'first send: 4\n', {
    en: `ended by ${signal ?? `exit code ${code}`}`,
    zh: `结束于 ${signal ?? `退出码 ${code}`}`,
  });
}
