/** What commands of the docs find around them: pnpm by its name, as on the machine of a reader who has installed it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Variables to add. `bin` is a folder that may be written; where pnpm is installed it stays as it is. */
export function shellEnvironment(bin: string): Record<string, string> {
  const path = process.env.PATH ?? '';
  if (path.split(delimiter).some((dir) => existsSync(join(dir, 'pnpm')))) return {};
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\nexec npx -y --prefer-offline pnpm@${pnpmVersion()} "$@"\n`;
  writeFileSync(join(bin, 'pnpm'), script, { mode: 0o755 });
  return { PATH: `${bin}${delimiter}${path}` };
}

function pnpmVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.devEngines.packageManager.version;
}
