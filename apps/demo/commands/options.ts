/** Options and arguments that several commands have, in both languages. */
import type { Bilingual } from '@netloom/winsock-native';
import { InvalidArgumentError, Option } from 'commander';
import { DEFAULT_HOST, DEFAULT_PORT } from '../dialogue/protocol.js';
import { inLanguage, LANGUAGES, type Language, type Text } from '../theatre/language.js';

/** Reads a whole number; anything else is refused with the rule. */
export function integer(
  language: Language,
  name: Text,
  least: number,
  most: number,
): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const what = inLanguage(language, name);
    throw refused(language, {
      en: `${what} must be a whole number from ${least} to ${most}`,
      zh: `${what} 必须是 ${least} 到 ${most} 之间的整数`,
    });
  };
}

/** What an argument's reader throws. */
export function refused(language: Language, rule: Bilingual): InvalidArgumentError {
  return new InvalidArgumentError(language === 'en' ? `${rule.en}.` : `${rule.zh}。`);
}

export function langOption(language: Language): Option {
  return new Option(
    '--lang <language>',
    inLanguage(language, {
      en: 'language of help, narration and messages: en, zh (default: en)',
      zh: '帮助、解说和提示所用的语言：en、zh（默认：en）',
    }),
  ).argParser((text) => {
    if (LANGUAGES.some((known) => known === text)) return text;
    throw refused(language, { en: 'lang must be en or zh', zh: 'lang 只能是 en 或 zh' });
  });
}

export function hostOption(language: Language): Option {
  return new Option(
    '--host <address>',
    inLanguage(language, { en: 'address of the server', zh: '服务器的地址' }),
  ).default(DEFAULT_HOST);
}

export function portOption(language: Language): Option {
  return new Option(
    '--port <number>',
    inLanguage(language, { en: 'port of the server', zh: '服务器的端口' }),
  ).argParser(integer(language, 'port', 0, 65535));
}

export function defaultPortOption(language: Language): Option {
  return portOption(language).default(DEFAULT_PORT);
}

export function localPortOption(language: Language): Option {
  return new Option(
    '--local-port <number>',
    inLanguage(language, {
      en: 'own port to bind before connecting',
      zh: '客户端在连接之前绑定的端口',
    }),
  ).argParser(integer(language, 'local-port', 0, 65535));
}
