/** Every rule of RFC 8305 on a virtual clock: the name server and the network are played, and say when they are asked. */
import { VirtualClock } from '@netloom/coroutines/testing';
import { describe, expect, it } from 'vitest';
import { type IpFamily, Race, type RaceTimes } from './happy-eyeballs.js';

const TIMES: RaceTimes = { resolutionDelayMs: 50, attemptDelayMs: 250, firstFamilyCount: 1 };

/** Addresses are called `6a`, `6b`, `4a` …: the first letter is the family. */
class World {
  readonly clock = new VirtualClock();
  /** What happened, and when: `0 ask 6`, `250 try 4a`, `300 stop 6a`. */
  readonly seen: string[] = [];
  readonly race: Race<string, string>;
  prefers: IpFamily = 6;
  readonly #answers = new Map<IpFamily, (found: readonly string[]) => void>();
  readonly #attempts = new Map<string, (connected: string | undefined) => void>();

  constructor(times: Partial<RaceTimes> = {}, { refusesAtOnce = [] as readonly string[] } = {}) {
    const world = {
      clock: this.clock,
      familyOf: (address: string): IpFamily => (address.startsWith('4') ? 4 : 6),
      preferred: () => this.prefers,
      lookUp: (family: IpFamily, tell: (found: readonly string[]) => void) => {
        this.#note(`ask ${family}`);
        this.#answers.set(family, tell);
        return () => this.#note(`forget ${family}`);
      },
      attempt: (address: string, tell: (connected: string | undefined) => void) => {
        this.#note(`try ${address}`);
        if (refusesAtOnce.includes(address)) tell(undefined);
        this.#attempts.set(address, tell);
        return () => this.#note(`stop ${address}`);
      },
      won: (connected: string) => this.#note(`won ${connected}`),
      lost: () => this.#note('lost'),
    };
    this.race = new Race(world, { ...TIMES, ...times });
  }

  #note(what: string): void {
    this.seen.push(`${this.clock.now()} ${what}`);
  }

  answer(family: IpFamily, ...addresses: string[]): void {
    this.#answers.get(family)?.(addresses);
  }

  connect(address: string): void {
    this.#attempts.get(address)?.(address);
  }

  refuse(address: string): void {
    this.#attempts.get(address)?.(undefined);
  }

  /** What happened since the last look. */
  take(): string[] {
    return this.seen.splice(0);
  }
}

function asked(times?: Partial<RaceTimes>, options?: { refusesAtOnce: readonly string[] }): World {
  const world = new World(times, options);
  world.race.lookUp([6, 4]);
  expect(world.take()).toEqual(['0 ask 6', '0 ask 4']);
  return world;
}

describe('RFC 8305 §3: hostname resolution', () => {
  it('asks for both families at once, AAAA first, and waits for neither to ask the other', () => {
    asked();
  });

  it('begins as soon as AAAA is there, without waiting for A', () => {
    const world = asked();
    world.answer(6, '6a');
    expect(world.take()).toEqual(['0 try 6a']);
  });

  it('waits the Resolution Delay for AAAA when A came first, and no longer', async () => {
    const world = asked();
    world.answer(4, '4a');
    await world.clock.advance(49);
    expect(world.take()).toEqual([]);
    await world.clock.advance(1);
    expect(world.take()).toEqual(['50 try 4a']);
  });

  it('begins with IPv6 when AAAA comes within the Resolution Delay', async () => {
    const world = asked();
    world.answer(4, '4a');
    await world.clock.advance(20);
    world.answer(6, '6a');
    expect(world.take()).toEqual(['20 try 6a']);
    await world.clock.advance(250);
    expect(world.take()).toEqual(['270 try 4a']);
  });

  it('begins with IPv4 at once when AAAA says within the Resolution Delay that there is nothing', async () => {
    const world = asked();
    world.answer(4, '4a');
    await world.clock.advance(20);
    world.answer(6);
    expect(world.take()).toEqual(['20 try 4a']);
  });

  it('begins with IPv4 at once when it was said before that there is no AAAA', () => {
    const world = asked();
    world.answer(6);
    world.answer(4, '4a');
    expect(world.take()).toEqual(['0 try 4a']);
  });

  it('waits for AAAA as long as it takes when there is no A', async () => {
    const world = asked();
    world.answer(4);
    await world.clock.advance(5000);
    expect(world.take()).toEqual([]);
    world.answer(6, '6a');
    expect(world.take()).toEqual(['5000 try 6a']);
  });

  it('is lost when neither family has an address', () => {
    const world = asked();
    world.answer(6);
    world.answer(4);
    expect(world.take()).toEqual(['0 lost']);
    expect(world.clock.pending).toBe(0);
  });

  it('asks for one family only where only that one is wanted, and does not delay it', () => {
    const world = new World();
    world.race.lookUp([4]);
    world.answer(4, '4a');
    expect(world.take()).toEqual(['0 ask 4', '0 try 4a']);
  });
});

describe('RFC 8305 §4: sorting addresses', () => {
  it('interleaves the families, each in the order of the resolver', async () => {
    const world = asked();
    world.answer(4, '4a', '4b');
    world.answer(6, '6a', '6b', '6c');
    await world.clock.advance(1000);
    expect(world.take()).toEqual([
      '0 try 6a',
      '250 try 4a',
      '500 try 6b',
      '750 try 4b',
      '1000 try 6c',
    ]);
  });

  it('begins with the family that destination selection (RFC 6724) prefers', async () => {
    const world = asked();
    world.prefers = 4;
    world.answer(4, '4a', '4b');
    world.answer(6, '6a');
    await world.clock.advance(500);
    expect(world.take()).toEqual(['0 try 4a', '250 try 6a', '500 try 4b']);
  });

  it('tries First Address Family Count addresses before the other family', async () => {
    const world = asked({ firstFamilyCount: 2 });
    world.answer(4, '4a', '4b');
    world.answer(6, '6a', '6b', '6c');
    await world.clock.advance(1000);
    expect(world.take().map((line) => line.slice(-2))).toEqual(['6a', '6b', '4a', '6c', '4b']);
  });
});

describe('RFC 8305 §5: connection attempts', () => {
  it('begins the next attempt after the Connection Attempt Delay, beside the one that runs', async () => {
    const world = asked();
    world.answer(6, '6a');
    world.answer(4, '4a');
    await world.clock.advance(249);
    expect(world.take()).toEqual(['0 try 6a']);
    await world.clock.advance(1);
    expect(world.take()).toEqual(['250 try 4a']);
  });

  it('begins the next attempt at once when the latest has failed, with a delay of its own', async () => {
    const world = asked();
    world.answer(6, '6a', '6b');
    world.answer(4, '4a');
    await world.clock.advance(100);
    world.refuse('6a');
    expect(world.take()).toEqual(['0 try 6a', '100 try 4a']);
    await world.clock.advance(249);
    expect(world.take()).toEqual([]);
    await world.clock.advance(1);
    expect(world.take()).toEqual(['350 try 6b']);
  });

  it('leaves the latest attempt its delay when an earlier one fails', async () => {
    const world = asked();
    world.answer(6, '6a', '6b');
    world.answer(4, '4a');
    await world.clock.advance(300);
    world.refuse('6a');
    await world.clock.advance(199);
    expect(world.take()).toEqual(['0 try 6a', '250 try 4a']);
    await world.clock.advance(1);
    expect(world.take()).toEqual(['500 try 6b']);
  });

  it('goes through addresses that fail at once', () => {
    const world = asked({}, { refusesAtOnce: ['6a', '6b', '4a'] });
    world.answer(6, '6a', '6b');
    world.answer(4, '4a', '4b');
    expect(world.take()).toEqual(['0 try 6a', '0 try 6b', '0 try 4a', '0 try 4b']);
  });

  it('stops all other attempts when one succeeds, the later one too, and tries no other address', async () => {
    const world = asked();
    world.answer(6, '6a', '6b');
    world.answer(4, '4a');
    await world.clock.advance(300);
    world.take();
    world.connect('6a');
    expect(world.take()).toEqual(['300 stop 4a', '300 won 6a']);
    await world.clock.advance(10_000);
    expect(world.take()).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  it('stops the look-up that is still under way when one succeeds', () => {
    const world = asked();
    world.answer(6, '6a');
    world.connect('6a');
    expect(world.take()).toEqual(['0 try 6a', '0 forget 4', '0 won 6a']);
  });

  it('is lost when the last attempt has failed, and not before', async () => {
    const world = asked();
    world.answer(6, '6a');
    world.answer(4, '4a');
    await world.clock.advance(300);
    world.refuse('4a');
    expect(world.take()).toEqual(['0 try 6a', '250 try 4a']);
    world.refuse('6a');
    expect(world.take()).toEqual(['300 lost']);
    expect(world.clock.pending).toBe(0);
  });

  it('tries one address at a time where the delay has no end', async () => {
    const world = asked({ attemptDelayMs: Number.POSITIVE_INFINITY });
    world.answer(6, '6a');
    world.answer(4, '4a');
    await world.clock.advance(100_000);
    expect(world.take()).toEqual(['0 try 6a']);
    world.refuse('6a');
    expect(world.take()).toEqual(['100000 try 4a']);
  });
});

describe('RFC 8305 §6: answers that come during the attempts', () => {
  it('takes late addresses in, the other family next', async () => {
    const world = asked();
    world.answer(4, '4a', '4b');
    await world.clock.advance(60);
    world.answer(6, '6a');
    await world.clock.advance(490);
    expect(world.take()).toEqual(['50 try 4a', '300 try 6a', '550 try 4b']);
  });

  it('tries a late address at once where the delay of the latest attempt is over', async () => {
    const world = asked();
    world.answer(6, '6a');
    await world.clock.advance(1000);
    world.answer(4, '4a');
    expect(world.take()).toEqual(['0 try 6a', '1000 try 4a']);
  });

  it('waits for the other family where all that was there has failed', async () => {
    const world = asked();
    world.answer(6, '6a');
    world.refuse('6a');
    await world.clock.advance(1000);
    expect(world.take()).toEqual(['0 try 6a']);
    world.answer(4, '4a');
    expect(world.take()).toEqual(['1000 try 4a']);
  });

  it('is lost where the late answer is that there is nothing', () => {
    const world = asked();
    world.answer(6, '6a');
    world.refuse('6a');
    world.answer(4);
    expect(world.take()).toEqual(['0 try 6a', '0 lost']);
  });
});

it('leaves nothing behind when it is stopped from outside', async () => {
  const world = asked();
  world.answer(6, '6a');
  world.take();
  world.race.stop();
  expect(world.take()).toEqual(['0 forget 4', '0 stop 6a']);
  await world.clock.advance(10_000);
  world.answer(4, '4a');
  world.connect('6a');
  expect(world.clock.pending).toBe(0);
});

it('begins with addresses that are known without a look-up', async () => {
  const world = new World();
  world.race.begin(['6a']);
  expect(world.take()).toEqual(['0 try 6a']);
  expect(world.clock.pending).toBe(0);
  world.refuse('6a');
  expect(world.take()).toEqual(['0 lost']);
});
