/** How a program has ended, in words. */
import type { Bilingual } from '@netloom/winsock-native';
import type { Actor } from './actor.js';
import type { ActorEnd } from './scene.js';

/** For its lane, below what it printed last. */
export function endText({ code, signal }: ActorEnd): Bilingual {
  return signal === null
    ? { en: `(ended, exit code ${code})`, zh: `（已结束，退出码 ${code}）` }
    : { en: `(ended by ${signal})`, zh: `（被 ${signal} 结束）` };
}

/** For one that had ended badly while the play waited for another. */
export function fallenText({ lane, end, err }: Actor): Bilingual {
  const how = end?.code ?? end?.signal ?? '?';
  const last = err.trim().split('\n').at(-1) ?? '';
  return {
    en: `Meanwhile ${lane} had ended (${how}): ${last || 'without a word'}`,
    zh: `在此之前 ${lane} 已经结束（${how}）：${last || '什么也没说'}`,
  };
}
