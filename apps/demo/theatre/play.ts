/** What is played, and the command lines by which its programs are started. */
import type { Bilingual } from '@netloom/winsock-native';
import { ALL_CLIENTS, type StageProgram } from '../stages/shared/settings.js';
import type { Scene, StartOptions } from './scene.js';

export interface Play {
  /** `Stage 4`; the scene's title follows. */
  readonly name: Bilingual;
  readonly scene: Scene;
  /** The words of the command line by which its programs are started: `['stage', '4']`. */
  readonly words: readonly string[];
  /** By role. */
  readonly programs: Readonly<Record<string, () => Promise<StageProgram>>>;
  readonly host: string;
  readonly port: number;
}

/** The words that run one of its programs alone: `stage 4 --as client --port 9008 …`. */
export function wordsFor(
  { words, programs, port: usualPort }: Play,
  role: string,
  { port = usualPort, clients = 1, localPort, args = [], stage }: StartOptions,
): string[] {
  if (stage === undefined && !Object.hasOwn(programs, role)) {
    const known = Object.keys(programs).join(', ');
    throw new TypeError(`start: ${words.join(' ')} has no role ${role}, only ${known}`);
  }
  const count = clients === Number.POSITIVE_INFINITY ? ALL_CLIENTS : String(clients);
  return [
    ...(stage === undefined ? words : ['stage', String(stage)]),
    ...['--as', role, '--port', String(port), '--clients', count],
    ...(localPort === undefined ? [] : ['--local-port', String(localPort)]),
    ...(args.length === 0 ? [] : ['--', ...args]),
  ];
}
