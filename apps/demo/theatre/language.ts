/**
 * The two languages that the demo speaks. Texts stand side by side as `{ en, zh }` in the file that says them, so that
 * none can be missing. What the tutorial's own programs print is English in both.
 */
import type { Bilingual } from '@netloom/winsock-native';

export type Language = 'en' | 'zh';
export const LANGUAGES: readonly Language[] = ['en', 'zh'];

/** A text that may be the same in both languages: a name, a number, a line that a program printed. */
export type Text = string | Bilingual;

/** The text in one language. */
export function inLanguage(language: Language, text: Text): string {
  return typeof text === 'string' ? text : text[language];
}
