/**
 * Holds that nothing of one machine is committed: no absolute path of somebody's disk, no address of a package
 * registry, in the lock file least of all.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listCommitted } from './workspace.js';

interface Rule {
  readonly pattern: RegExp;
  readonly fault: string;
  /** Files it is for; absent: all. */
  readonly onlyIn?: RegExp;
}

const RULES: readonly Rule[] = [
  {
    // What precedes tells a disk's path from a part of an address or of a relative path.
    pattern: /(^|[^\w.:/-])\/(home|root|mnt|work|Users|data|workspace)\/[A-Za-z]/,
    fault: 'absolute path of one machine',
  },
  { pattern: /\b[A-Za-z]:\\+Users\\+\w/, fault: 'absolute path of one machine' },
  {
    pattern: /\b(https?:)?\/\/[\w.-]*(registry|artifactory|nexus|verdaccio)[\w.-]*(:\d+)?\//i,
    fault: 'address of a package registry',
  },
  {
    pattern: /^\s*(@[\w-]+:)?registry\s*[=:]/,
    fault: 'registry setting',
    onlyIn: /npmrc$|\.ya?ml$/,
  },
  { pattern: /:\/\/|\btarball:/, fault: 'address in the lock file', onlyIn: /^pnpm-lock\.yaml$/ },
];

/** Longer lines are shown cut: a vector or a generated table. */
const SHOWN_CHARACTERS = 100;

/** Checks every file that git keeps or would add. */
export function checkFiles(root: string): string[] {
  const problems: string[] = [];
  for (const name of listCommitted(root)) {
    const bytes = readFileSync(join(root, name));
    if (bytes.includes(0)) continue; // not text
    const rules = RULES.filter(({ onlyIn }) => onlyIn === undefined || onlyIn.test(name));
    for (const [index, line] of bytes.toString('utf8').split('\n').entries()) {
      const broken = rules.find(({ pattern }) => pattern.test(line));
      if (broken === undefined) continue;
      problems.push(
        `${name}:${index + 1}: ${broken.fault}: ${line.trim().slice(0, SHOWN_CHARACTERS)}`,
      );
    }
  }
  return problems;
}
