// The teardown matrix as text, from what its cells came to.
import { impossible, nameOf, TABLES } from './cells.mjs';

/** `outcomeOf(table, end, state)`: `{ repeats, passed, workers?, problems }`; undefined where the cell was not run. */
export function tableOf(outcomeOf) {
  const reasons = [];
  const mark = (reason) => {
    if (!reasons.includes(reason)) reasons.push(reason);
    return `– ${'abcd'[reasons.indexOf(reason)]}`;
  };
  const cell = (table, end, state) => {
    const reason = impossible(end, state);
    if (reason) return mark(reason);
    const outcome = outcomeOf(table, end, state);
    if (!outcome) return 'not run';
    const { repeats, passed, workers, problems } = outcome;
    const around = workers > 1 ? ` × ${workers}` : '';
    return problems.length === 0 ? `${repeats}${around}` : `FAILED ${repeats - passed}/${repeats}`;
  };
  const text = TABLES.flatMap((table) => {
    const rows = table.states.map((state) => [
      nameOf(state),
      ...table.ends.map((end) => cell(table, end, state)),
    ]);
    const head = [table.who, ...table.ends.map((end) => end.replace(/ here$/, ''))];
    return [...aligned([head, ...rows]), `  a repeat: ${table.repeat}`, ''];
  });
  const notes = reasons.map((reason, i) => `– ${'abcd'[i]}  cannot exist: ${reason}`);
  const { version, platform, arch } = process;
  const isWine = process.env.NETLOOM_WINE ? ', Wine' : '';
  return [
    `Node ${version} on ${platform} ${arch}${isWine}: repeats passed, garbage collected in each before the end`,
    '',
    ...text,
    ...notes,
    '',
    'Each open state is died in by itself, and again in "all at once", where all of them stand side by side in one life.',
  ].join('\n');
}

function aligned(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)];
}
