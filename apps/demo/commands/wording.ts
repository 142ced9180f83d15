/**
 * What the command line's library says by itself, in the person's language: headings of the help, sentences about options
 * it does not know. The library has English only, and no other place to put another language in.
 */
import { Command, type HelpConfiguration } from 'commander';
import { fold, widthOf } from '../theatre/fold.js';
import { inLanguage, type Language } from '../theatre/language.js';

const HEADINGS: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Options:': '选项：',
  'Commands:': '命令：',
  'Global Options:': '全局选项：',
};

const WORDS: readonly (readonly [string, string])[] = [
  ['[options]', '[选项]'],
  ['[command]', '[命令]'],
  ['(default: false)', ''],
  [' (default: ', '（默认：'],
];

const CHINESE_HELP: HelpConfiguration = {
  styleTitle: (title) => HEADINGS[title] ?? title,
  styleUsage: inChineseWords,
  styleSubcommandTerm: inChineseWords,
  styleOptionDescription: (text) =>
    text.includes('(default: ') ? inChineseWords(text).replace(/\)$/, '）') : text,
};

/** The library's sentences, and ours for them. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [
    /^error: option '(.+?)' argument '(.*?)' is invalid\. ?(.*)$/s,
    '错误：选项 $1 的值 $2 无效。$3',
  ],
  [
    /^error: command-argument value '(.*?)' is invalid for argument '(.+?)'\. ?(.*)$/s,
    '错误：参数 $2 的值 $1 无效。$3',
  ],
  [/^error: missing required argument '(.+?)'/, '错误：缺少参数 $1'],
  [/^error: option '(.+?)' argument missing/, '错误：选项 $1 缺少值'],
  [/^error: required option '(.+?)' not specified/, '错误：必须给出选项 $1'],
  [
    /^error: option '(.+?)' cannot be used with option '(.+?)'/,
    '错误：选项 $1 不能与选项 $2 同时使用',
  ],
  [/^error: unknown option '(.+?)'/, '错误：没有选项 $1'],
  [/^error: unknown command '(.+?)'/, '错误：没有命令 $1'],
  [/\(Did you mean (one of )?(.+?)\?\)/, '（您是不是想写 $2？）'],
  [
    /^error: too many arguments(?: for '.+?')?\. Expected (\d+) arguments? but got (\d+)\./,
    '错误：参数太多：需要 $1 个，实际给了 $2 个。',
  ],
];

/** Descriptions are folded to the terminal down to this width; the library's own, 40, breaks lines at 60 columns. */
const NARROW = 20;

/** A command whose help and errors speak the language, and whose subcommands' do. */
export function commandIn(language: Language, name: string): Command {
  const command = new Command(name)
    .helpOption('-h, --help', inLanguage(language, { en: 'display this help', zh: '显示本帮助' }))
    .helpCommand(
      'help [command]',
      inLanguage(language, { en: 'display help for a command', zh: '显示某个命令的帮助' }),
    )
    .configureHelp({
      displayWidth: widthOf,
      minWidthToWrap: NARROW,
      boxWrap: (text, width) => fold(text, width).join('\n'),
      ...(language === 'zh' ? CHINESE_HELP : {}),
    });
  if (language === 'en') return command;
  return command.configureOutput({
    outputError: (sentence, write) => write(inChinese(sentence)),
  });
}

function inChineseWords(text: string): string {
  return WORDS.reduce((rest, [english, chinese]) => rest.replace(english, chinese), text).trimEnd();
}

function inChinese(sentence: string): string {
  return SENTENCES.reduce((text, [english, chinese]) => text.replace(english, chinese), sentence);
}
