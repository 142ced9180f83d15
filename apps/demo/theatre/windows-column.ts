/** The column that says what Windows does: from the walkthrough, and labelled so; nothing here measures it. */
import type { Text } from './language.js';
import type { BesideWindows } from './scene.js';

export function besideWindowsRows(rows: readonly BesideWindows[]): {
  heading: Text;
  table: readonly (readonly Text[])[];
} {
  return {
    heading: {
      en: 'Here and on Windows (that column is told by the walkthrough, not measured):',
      zh: '本机与 Windows 对照（Windows 一栏引自教程讲解，并非实测）：',
    },
    table: [
      [
        { en: 'what', zh: '内容' },
        { en: 'here, measured now', zh: '本机，刚刚测得' },
        { en: 'Windows, as told', zh: 'Windows，据讲解' },
      ],
      ...rows.map(({ what, here, windows }) => [what, here, windows]),
    ],
  };
}
