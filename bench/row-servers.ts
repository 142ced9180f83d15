/**
 * The servers of one mode, one process per row, kept through all rounds so that each is warm when it is measured.
 *
 * Here an answer is judged: every failure the load generator counted, and every difference between its count and the
 * server's, ends the run.
 */
import type { Cell, Mode, Row } from './cells.js';
import { type LoadResult, runLoad, ServerProcess } from './processes.js';
import type { Sample } from './report.js';
import { WrongAnswer } from './subcommand.js';

/** What is pinned where; undefined: left to the scheduler. */
export interface Cores {
  readonly server: number | undefined;
  readonly client: number | undefined;
}

export class RowServers implements AsyncDisposable {
  readonly #servers = new Map<string, { process: ServerProcess; connections: number }>();
  readonly #load: string;
  readonly #core: number | undefined;

  private constructor(load: string, core: number | undefined) {
    this.#load = load;
    this.#core = core;
  }

  static async start(
    mode: Mode,
    rows: readonly Row[],
    built: (name: string) => string,
    cores: Cores,
  ): Promise<RowServers> {
    const all = new RowServers(built('load'), cores.client);
    try {
      for (const row of rows) {
        const process = await ServerProcess.start(row.name, row.command(mode, built), cores.server);
        all.#servers.set(row.name, { process, connections: 0 });
      }
    } catch (error) {
      await all[Symbol.asyncDispose]();
      throw error;
    }
    return all;
  }

  async load(row: string, cell: Cell, seconds: number): Promise<LoadResult> {
    const server = this.#of(row);
    const args = [server.process.port, cell.clients, seconds];
    if (cell.mode === 'echo') args.push(cell.depth);
    const result = await runLoad([this.#load, cell.mode, ...args.map(String)], this.#core);
    server.connections += result.connections;
    if (result.failures > 0 || result.operations === 0) {
      throw new WrongAnswer(
        `${cell.name}, ${row}: ${result.failures} failures in ${result.operations} operations; ` +
          `the first: ${result.firstFailure}`,
      );
    }
    return result;
  }

  async sample(row: string, cell: Cell, seconds: number, round: number): Promise<Sample> {
    const { process } = this.#of(row);
    const before = process.cpuNs();
    const result = await this.load(row, cell, seconds);
    const cpuNs = process.cpuNs() - before;
    return {
      row,
      round,
      operations: result.operations,
      perSecond: result.operations / result.seconds,
      cpuUsPerOperation: cpuNs / 1000 / result.operations,
      p50Us: result.p50Us,
      p99Us: result.p99Us,
      clientLoad: result.cpuSeconds / result.seconds,
    };
  }

  pid(row: string): number {
    return this.#of(row).process.pid;
  }

  /** Ends all, and compares what each says it served with what was asked of it. */
  async stop(): Promise<void> {
    for (const [name, { process, connections }] of this.#servers) {
      this.#servers.delete(name);
      const counted = await process.stop();
      if (counted !== connections) {
        throw new WrongAnswer(
          `${name}: counts ${counted} connections, but ${connections} were made`,
        );
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.#servers.values()) process.kill();
  }

  #of(row: string): { process: ServerProcess; connections: number } {
    const server = this.#servers.get(row);
    if (server === undefined) throw new RangeError(`there is no server ${row}`);
    return server;
  }
}
