/**
 * The race of connection attempts over both families, as a pure schedule: RFC 8305 (Happy Eyeballs, version 2).
 *
 * Clock, name server and attempts are passed in; no socket in sight. What is waited for when:
 *
 *     AAAA and A asked ──AAAA──▶ attempt ──250 ms, or it failed──▶ attempt of the other family ──▶ …
 *            │                      ▲                                        │ one answers: all others are stopped
 *            └──A──▶ 50 ms, or AAAA ┘
 */
import type { Clock, Timer } from '@netloom/coroutines';

/** 4 or 6. */
export type IpFamily = 4 | 6;

/** The times and counts of RFC 8305 §8. */
export interface RaceTimes {
  /** How long the other family's addresses are waited for once the less preferred one's are there; §3, 50 ms. */
  readonly resolutionDelayMs: number;
  /** How long an attempt is alone before the next one begins beside it; §5, 250 ms. Infinity: until it has failed. */
  readonly attemptDelayMs: number;
  /** How many addresses of the first family are tried before the other one's turn; §4, 1. */
  readonly firstFamilyCount: number;
}

/** What the race asks of the world. Each `tell` is called once, at once or later, and not after its stop. */
export interface RaceWorld<A, C> {
  readonly clock: Clock;
  /** Gives an address's family. */
  familyOf(address: A): IpFamily;
  /** Which family to begin with, by its best address: RFC 6724 between families. */
  preferred(best4: A, best6: A): IpFamily;
  /** Looks a family's addresses up; none where there are none or the look-up failed. Returns how to stop it. */
  lookUp(family: IpFamily, tell: (found: readonly A[]) => void): () => void;
  /** Connects; undefined where that failed. Returns how to stop it. */
  attempt(address: A, tell: (connected: C | undefined) => void): () => void;
  won(connected: C): void;
  /** Nothing is left to try. */
  lost(): void;
}

export class Race<A, C> {
  readonly #world: RaceWorld<A, C>;
  readonly #times: RaceTimes;
  /** What is not yet tried of each family, in the resolver's order. */
  readonly #untried: Record<IpFamily, A[]> = { 4: [], 6: [] };
  readonly #lookUps = new Map<IpFamily, () => void>();
  readonly #attempts = new Set<{ stop: () => void }>();
  /** Families of the attempts begun so far: the first, and the latest. */
  #first: IpFamily | undefined = undefined;
  #latest: IpFamily | undefined = undefined;
  #tried = 0;
  /** The delay that runs: of resolution before the first attempt, of the next attempt afterwards. */
  #timer: Timer | undefined = undefined;
  #isOver = false;

  constructor(world: RaceWorld<A, C>, times: RaceTimes) {
    this.#world = world;
    this.#times = times;
  }

  /** Begins with what `families` have to be looked up. */
  lookUp(families: readonly IpFamily[]): void {
    // §3: both at once, AAAA first. All are on their way before any answer is heard.
    for (const family of families) this.#lookUps.set(family, () => {});
    for (const family of families) {
      if (this.#isOver) return;
      const stop = this.#world.lookUp(family, (found) => this.#found(family, found));
      if (this.#lookUps.has(family)) this.#lookUps.set(family, stop);
    }
  }

  /** Begins with addresses that are known, in their order. */
  begin(addresses: readonly A[]): void {
    for (const one of addresses) this.#untried[this.#world.familyOf(one)].push(one);
    this.#next();
  }

  /** Ends all attempts and look-ups, and tells nobody. */
  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const stop of this.#lookUps.values()) stop();
    for (const running of this.#attempts) running.stop();
    this.#lookUps.clear();
    this.#attempts.clear();
  }

  #found(family: IpFamily, found: readonly A[]): void {
    this.#lookUps.delete(family);
    // §6: later ones join those that are not yet tried.
    this.#untried[family].push(...found);
    if (this.#tried > 0) {
      // An attempt that runs is alone for its delay; where that is over, nothing is left to wait for.
      const isWaited = this.#timer !== undefined || this.#isSerial;
      if (this.#attempts.size === 0 || !isWaited) this.#next();
      return;
    }
    // §3: the preferred family's addresses, or word that there are none, are not waited for any longer …
    if (family === 6 || !this.#lookUps.has(6) || found.length === 0) {
      this.#next();
      return;
    }
    // … and for them no longer than the Resolution Delay.
    this.#timer ??= this.#world.clock.setTimer(this.#times.resolutionDelayMs, () => this.#next());
  }

  /** One attempt at a time. */
  get #isSerial(): boolean {
    return this.#times.attemptDelayMs === Number.POSITIVE_INFINITY;
  }

  get #hasUntried(): boolean {
    return this.#untried[4].length + this.#untried[6].length > 0;
  }

  /** Begins the next attempt, now. */
  #next(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const address = this.#take();
    if (address === undefined) {
      if (this.#attempts.size > 0 || this.#lookUps.size > 0) return;
      this.stop();
      this.#world.lost();
      return;
    }
    // §5: its successor waits for the Connection Attempt Delay …
    if (!this.#isSerial && (this.#hasUntried || this.#lookUps.size > 0)) {
      this.#timer = this.#world.clock.setTimer(this.#times.attemptDelayMs, () => this.#next());
    }
    this.#attempt(address, ++this.#tried);
  }

  #attempt(address: A, number: number): void {
    const running = { stop: () => {} };
    this.#attempts.add(running);
    const stop = this.#world.attempt(address, (connected) => {
      this.#attempts.delete(running);
      if (this.#isOver) return;
      if (connected !== undefined) {
        // §5: the others are stopped, and look-ups with them.
        this.stop();
        this.#world.won(connected);
        return;
      }
      // … unless this one has failed; an earlier one's failure says nothing about the latest.
      if (number === this.#tried || this.#attempts.size === 0) this.#next();
    });
    running.stop = stop;
  }

  /** §4: one family after the other, beginning with `firstFamilyCount` of the first. */
  #take(): A | undefined {
    const wanted = this.#wanted();
    const other = wanted === 4 ? 6 : 4;
    const from = this.#untried[wanted].length > 0 ? wanted : other;
    const address = this.#untried[from].shift();
    if (address === undefined) return undefined;
    this.#first ??= from;
    this.#latest = from;
    return address;
  }

  #wanted(): IpFamily {
    if (this.#first === undefined) {
      const [best4] = this.#untried[4];
      const [best6] = this.#untried[6];
      if (best4 === undefined || best6 === undefined) return 6;
      return this.#world.preferred(best4, best6);
    }
    if (this.#tried < this.#times.firstFamilyCount) return this.#first;
    return this.#latest === 4 ? 6 : 4;
  }
}
