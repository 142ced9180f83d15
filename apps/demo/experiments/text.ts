/**
 * The tutorial's messages, and four ways in which its code would lose or break them. Each part is a file in `text/`.
 *
 * The play uses the C surface in its own process, where a call could only block for want of bytes: it asks the kernel first.
 */
import type { Scene } from '../theatre/scene.js';
import { withWinsock } from './shared/with-winsock.js';
import { lineWithBlanks } from './text/blanks.js';
import { overflow } from './text/overflow.js';
import { twoSegments } from './text/segments.js';
import { outsideBasicPlane } from './text/surrogates.js';

export const scene: Scene = {
  title: {
    en: 'an overflow, two segments, blanks, a character of two units',
    zh: '溢出、两个报文段、空格、占两个码元的字符',
  },
  conclusion: {
    en:
      'A length that claims more room than there is writes into whatever lies behind the buffer; here a view knows its own end, ' +
      'and the call is refused before a byte moves. TCP delivers bytes, not messages: one recv takes what is there, so a message ' +
      'needs a rule where it ends. And a unit of UTF-16 is not a character: who cuts between two units may cut a character in half.',
    zh:
      '长度若比缓冲区大，就会改写缓冲区后面的内存；这里的视图知道自己的边界，一个字节都没动，调用就被拒绝。' +
      'TCP 传的是字节，不是消息：一次 recv 只取走已到达的部分，所以必须约定消息到哪里结束。' +
      '另外，UTF-16 的一个码元并不等于一个字符：在两个码元之间切断，可能把一个字符劈成两半。',
  },
  async play(theatre) {
    await withWinsock(async () => {
      await overflow(theatre);
      await twoSegments(theatre);
      await lineWithBlanks(theatre);
      await outsideBasicPlane(theatre);
    });
  },
};
