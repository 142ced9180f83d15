/** The experiments that belong to no single stage, by the name that the command line knows. */
import type { StageProgram } from '../stages/shared/settings.js';
import type { Scene } from '../theatre/scene.js';

export interface Experiment {
  readonly name: string;
  readonly scene: () => Promise<{ readonly scene: Scene }>;
  /** Programs of its own, started by role as a stage's are. */
  readonly programs?: Readonly<Record<string, () => Promise<StageProgram>>>;
}

// biome-ignore format: a line for each
export const EXPERIMENTS: readonly Experiment[] = [
  { name: 'closing', scene: () => import('./closing.js') },
  { name: 'connecting', scene: () => import('./connecting.js'), programs: { blocking: () => import('./connecting/blocking-client.js') } },
  { name: 'datagram', scene: () => import('./datagram.js') },
  { name: 'text', scene: () => import('./text.js') },
];

/** The experiment of that name. */
export function experimentOf(name: string): Experiment | undefined {
  return EXPERIMENTS.find((experiment) => experiment.name === name);
}
