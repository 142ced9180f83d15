/** What a scene was to show, and whether it was seen. */
import type { Bilingual } from '@netloom/winsock-native';
import type { Text } from './language.js';

interface Expectation {
  readonly what: Bilingual;
  readonly isSeen: boolean;
  readonly evidence: Text;
}

const NOT_SEEN: Bilingual = { en: 'NOT SEEN', zh: '没有看到' };
const SEEN: Bilingual = { en: 'seen', zh: '看到了' };

export class Verdict {
  readonly #expectations: Expectation[] = [];
  readonly #leftOut: Bilingual[] = [];

  expect(what: Bilingual, isSeen: boolean, evidence: Text): void {
    this.#expectations.push({ what, isSeen, evidence });
  }

  leaveOut(what: Bilingual): void {
    this.#leftOut.push(what);
  }

  /** A scene that expects nothing has shown nothing. */
  get isEmpty(): boolean {
    return this.#expectations.length === 0;
  }

  get isSeen(): boolean {
    return !this.isEmpty && this.#expectations.every(({ isSeen }) => isSeen);
  }

  /** The rows of a table, its header first. */
  rows(): Text[][] {
    return [
      [
        { en: 'outcome', zh: '结果' },
        { en: 'what', zh: '内容' },
        { en: 'evidence', zh: '依据' },
      ],
      ...this.#expectations.map(({ what, isSeen, evidence }) => [
        isSeen ? SEEN : NOT_SEEN,
        what,
        evidence,
      ]),
    ];
  }

  /** A sentence for each thing that could not be done on this machine. */
  leftOut(): Bilingual[] {
    return this.#leftOut.map(({ en, zh }) => ({ en: `Left out: ${en}`, zh: `略过：${zh}` }));
  }
}
