/** `experiment NAME`: an experiment that belongs to no single stage. */
import type { Command } from 'commander';
import { DEFAULT_HOST, DEFAULT_PORT } from '../dialogue/protocol.js';
import { EXPERIMENTS, experimentOf } from '../experiments/table.js';
import { inLanguage, type Language } from '../theatre/language.js';
import { playHere } from './play-here.js';
import { EXIT_USAGE, Problem } from './problem.js';
import {
  addRoleOptions,
  type CommandContext,
  checkRoleOptions,
  type Finish,
  type RoleOptions,
  runRole,
  wordsText,
} from './stage.js';

/** @param program - this command line's own file, which starts the programs of a scene */
export function registerExperiment(
  command: Command,
  finish: Finish,
  language: Language,
  program: string,
): void {
  const names = EXPERIMENTS.map(({ name }) => name).join(', ');
  const experiment = command
    .command('experiment')
    .description(
      inLanguage(language, {
        en: `an experiment that belongs to no single stage: ${names}`,
        zh: `不属于某一个阶段的实验：${names}`,
      }),
    )
    .argument('[name]', inLanguage(language, { en: 'which experiment', zh: '哪个实验' }))
    .argument('[words...]', wordsText(language));
  addRoleOptions(experiment, language).action(
    (name: string | undefined, words: string[], options: RoleOptions) =>
      finish(runExperiment(name, words, options, { language, program })),
  );
}

async function runExperiment(
  name: string | undefined,
  words: readonly string[],
  options: RoleOptions,
  context: CommandContext,
): Promise<number> {
  const experiment = name === undefined ? undefined : experimentOf(name);
  if (experiment === undefined) {
    const known = EXPERIMENTS.map((each) => each.name).join(', ');
    throw new Problem(
      name === undefined
        ? { en: `which experiment? There are: ${known}`, zh: `要做哪个实验？现有：${known}` }
        : {
            en: `there is no experiment ${name}; there are: ${known}`,
            zh: `没有名为 ${name} 的实验；现有：${known}`,
          },
      EXIT_USAGE,
    );
  }
  checkRoleOptions(options, words);
  const { programs = {} } = experiment;
  const port = options.port ?? DEFAULT_PORT;
  if (options.as !== undefined) {
    return runRole(`experiment ${experiment.name}`, programs, options, { port, words });
  }
  const { scene } = await experiment.scene();
  return playHere(
    {
      name: { en: `Experiment ${experiment.name}`, zh: `实验 ${experiment.name}` },
      scene,
      words: ['experiment', experiment.name],
      programs,
      host: DEFAULT_HOST,
      port,
    },
    context,
  );
}
