/** The language of this run, which has to be known before the command line is read: its errors and help speak it, too. */
import { LANGUAGES, type Language } from '../theatre/language.js';

/** What `--lang` says anywhere in the words; English if it is absent or says something else. */
export function languageOf(words: readonly string[]): Language {
  const said = words.flatMap((word, at) => {
    if (word === '--lang') return [words[at + 1]];
    return word.startsWith('--lang=') ? [word.slice('--lang='.length)] : [];
  });
  return LANGUAGES.find((language) => said.at(-1) === language) ?? 'en';
}
