/**
 * Under which conditions a figure was taken. A number without them is none.
 */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';

export interface Conditions {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  readonly commit: string;
  /** One, five and fifteen minutes, before the first round. */
  readonly loadAverage: readonly number[];
  readonly pinning: string;
  readonly date: string;
}

export function readConditions(pinning: string): Conditions {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    commit: commit(),
    loadAverage: loadavg().map((value) => Math.round(value * 100) / 100),
    pinning,
    date: new Date().toISOString().slice(0, 16),
  };
}

export function conditionsLines(conditions: Conditions): readonly string[] {
  const { cpu, cores, kernel, node, commit, loadAverage, pinning, date } = conditions;
  return [
    `${cpu}, ${cores} cores; ${kernel}; Node ${node}; commit ${commit}; ${date} UTC`,
    `load average before: ${loadAverage.join(' ')}; ${pinning}`,
  ];
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const isChanged = git('status', '--porcelain') !== '';
    return git('rev-parse', '--short', 'HEAD') + (isChanged ? ' with changes' : '');
  } catch {
    return 'no git checkout';
  }
}
