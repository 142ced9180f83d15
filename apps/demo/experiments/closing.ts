/**
 * The experiment about ends: the orderly close, the three ways to a reset, and sending to a peer that is gone. Each part is a
 * file in `closing/`.
 *
 * The play is both ends of its connections, through the C surface; it looks into the kernel before a call that could block.
 */
import type { Scene } from '../theatre/scene.js';
import { orderly } from './closing/orderly.js';
import { peerGone } from './closing/peer-gone.js';
import { lingerZero, unreadData } from './closing/reset.js';
import { withWinsock } from './shared/with-winsock.js';

export const scene: Scene = {
  title: {
    en: 'orderly close against reset, and sending to a peer that is gone',
    zh: '正常关闭与重置，以及向已离开的对端发送',
  },
  conclusion: {
    en:
      'A FIN says “I have sent everything”: recv gives 0, and the other direction stays open until its own FIN. A reset says “forget ' +
      'this connection”: recv gives 10054, nothing waits in TIME_WAIT, and what was not sent yet is lost. Nobody has to ask for one: ' +
      'who closes with unread data, or is sent something after closing, answers with a reset. So a successful send proves only that ' +
      'the kernel took the bytes.',
    zh:
      'FIN 的意思是“我发完了”：recv 返回 0，另一个方向照样开着，直到对方也发 FIN。RST 的意思是“这条连接作废”：' +
      'recv 得到 10054，不留 TIME_WAIT，还没发出去的数据就丢了。RST 不一定是谁要求的：' +
      '还有数据没读就关闭，或者关闭之后又收到数据，内核都会回 RST。所以 send 成功只说明内核收下了这些字节。',
  },
  async play(theatre) {
    await withWinsock(async () => {
      const afterFin = await orderly(theatre);
      const afterReset = await unreadData(theatre);
      await lingerZero(theatre);
      await peerGone(theatre);
      theatre.besideWindows([
        {
          what: { en: 'recv after the peer’s orderly close', zh: '对端正常关闭后 recv' },
          here: afterFin,
          windows: '0',
        },
        {
          what: { en: 'recv after a reset', zh: '被重置之后 recv' },
          here: afterReset,
          windows: '10054',
        },
      ]);
    });
  },
};
