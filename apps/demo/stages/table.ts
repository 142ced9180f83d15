/**
 * The twelve stages: their programs (role to listing) and their scenes.
 *
 * The table is the only list of stages: the command line, the theatre and `stages --all` read it.
 */
import type { Bilingual } from '@netloom/winsock-native';
import type { Scene } from '../theatre/scene.js';
import type { StageProgram } from './shared/settings.js';
import { TITLES } from './titles.js';

export interface Stage {
  readonly number: number;
  /** Part of the record's name: `04-dialogue.txt`. */
  readonly slug: string;
  readonly title: Bilingual;
  /** The tutorial's own. */
  readonly port: number;
  readonly programs: Readonly<Record<string, () => Promise<StageProgram>>>;
  readonly scene: () => Promise<{ readonly scene: Scene }>;
}

/** The tutorial's port from stage 2 on. */
const PORT = 9008;

// biome-ignore format: a line for each program, so that rows grow without touching each other
export const STAGES: readonly Stage[] = [
  { number: 1, slug: 'plain', title: TITLES[1], port: 6000, programs: {
    server: () => import('./01-server.js'),
    client: () => import('./01-client.js'),
    }, scene: () => import('../scenes/01.js') },
  { number: 2, slug: 'winsock', title: TITLES[2], port: PORT, programs: {
    'server-inet-addr': () => import('./02-server-inet-addr.js'),
    server: () => import('./02-server.js'),
    client: () => import('./02-client.js'),
    }, scene: () => import('../scenes/02.js') },
  { number: 3, slug: 'addrlen', title: TITLES[3], port: PORT, programs: {
    server: () => import('./03-server.js'),
    client: () => import('./02-client.js'),
    }, scene: () => import('../scenes/03.js') },
  { number: 4, slug: 'dialogue', title: TITLES[4], port: PORT, programs: {
    server: () => import('./04-server.js'),
    client: () => import('./04-client.js'),
    }, scene: () => import('../scenes/04.js') },
  { number: 5, slug: 'local-port', title: TITLES[5], port: PORT, programs: {
    server: () => import('./04-server.js'),
    client: () => import('./05-client.js'),
    }, scene: () => import('../scenes/05.js') },
  { number: 6, slug: 'one-by-one', title: TITLES[6], port: PORT, programs: {
    server: () => import('./06-server.js'),
    client: () => import('./04-client.js'),
    }, scene: () => import('../scenes/06.js') },
  { number: 7, slug: 'backlog', title: TITLES[7], port: PORT, programs: {
    server: () => import('./07-server.js'),
    client: () => import('./04-client.js'),
    }, scene: () => import('../scenes/07.js') },
  { number: 8, slug: 'threads', title: TITLES[8], port: PORT, programs: {
    server: () => import('./08-server.js'),
    client: () => import('./04-client.js'),
    }, scene: () => import('../scenes/08.js') },
  { number: 9, slug: 'time-wait', title: TITLES[9], port: PORT, programs: {
    server: () => import('./08-server.js'),
    client: () => import('./09-client.js'),
    'way-round': () => import('./09-ways-round.js'),
    }, scene: () => import('../scenes/09.js') },
  { number: 10, slug: 'coroutine', title: TITLES[10], port: PORT, programs: {
    server: () => import('./10-server.js'),
    client: () => import('./04-client.js'),
    silent: () => import('./shared/silent-clients.js'),
    }, scene: () => import('../scenes/10.js') },
  { number: 11, slug: 'thread-pool', title: TITLES[11], port: PORT, programs: {
    server: () => import('./11-server.js'),
    'server-waiting': () => import('./11-server-waiting.js'),
    client: () => import('./04-client.js'),
    silent: () => import('./shared/silent-clients.js'),
    }, scene: () => import('../scenes/11.js') },
  { number: 12, slug: 'pooled-coroutine', title: TITLES[12], port: PORT, programs: {
    server: () => import('./12-server.js'),
    'server-waiting': () => import('./12-server-waiting.js'),
    client: () => import('./04-client.js'),
    silent: () => import('./shared/silent-clients.js'),
    }, scene: () => import('../scenes/12.js') },
];

/** The stage of that number. */
export function stageOf(number: number): Stage | undefined {
  return STAGES.find((stage) => stage.number === number);
}
