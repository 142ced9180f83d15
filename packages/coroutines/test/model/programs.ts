/**
 * Random programs over scopes: what they are made of, and how one is drawn from a seed.
 *
 * A program has no loops, so that each of its parts, which has a number, happens once at most. Each of its times is
 * drawn from so many that no two sums of them are ever equal: which of two things comes first is never a tie, unless
 * one has caused the other.
 */
import { type Choices, seededChoices } from '../../src/testing/choices.js';

export interface Body {
  readonly id: number;
  /** An async one begins with a wait, so that it does not end in the turn in which it was called. */
  readonly isAsync: boolean;
  readonly steps: readonly Step[];
}

/** What can be waited for. */
export type Wait =
  | { readonly wait: 'sleep'; readonly ms: number }
  | { readonly wait: 'call'; readonly body: Body }
  | { readonly wait: 'shield'; readonly of: Wait }
  | { readonly wait: 'timeout'; readonly of: Wait; readonly ms: number }
  | { readonly wait: 'all' | 'any'; readonly of: readonly Wait[] }
  | ScopeWait;

export interface ScopeWait {
  readonly wait: 'scope';
  readonly body: Body;
  /** `told`: supervised, with an `onFailure`. */
  readonly kind: 'plain' | 'supervised' | 'told';
  readonly timeoutMs: number | undefined;
  readonly graceMs: number | undefined;
}

export type Step = { readonly id: number } & (
  | { readonly do: 'wait'; readonly for: Wait }
  | { readonly do: 'throw' }
  | {
      readonly do: 'try';
      readonly steps: readonly Step[];
      readonly rescue: readonly Step[] | undefined;
      readonly last: readonly Step[];
    }
  | { readonly do: 'ensure'; readonly steps: readonly Step[] }
  // From here on in the body of a scope only.
  | { readonly do: 'spawn'; readonly body: Body }
  | { readonly do: 'join'; readonly child: number }
  | { readonly do: 'stop'; readonly child: number; readonly graceMs: number | undefined }
  | { readonly do: 'stop scope'; readonly graceMs: number | undefined }
  | { readonly do: 'defer'; readonly steps: readonly Step[] }
  | { readonly do: 'acquire'; readonly open: readonly Step[]; readonly close: readonly Step[] }
);

export interface Program {
  readonly main: Body;
  /** When the whole is stopped from outside. */
  readonly stopAtMs: number | undefined;
  readonly graceMs: number | undefined;
}

/** Sums of fewer than a thousand of them are exact. */
const LONGEST_MS = 2 ** 32;
const MOST_DEPTH = 5;
const MOST_STEPS = 40;

export function programOf(seed: number): Program {
  const draw = new Draw(seededChoices(seed));
  const main = draw.body(0, undefined);
  const isStopped = draw.oneIn(2);
  return {
    main,
    stopAtMs: isStopped ? draw.ms() : undefined,
    graceMs: isStopped && draw.oneIn(3) ? draw.ms() : undefined,
  };
}

/** Where a step stands: what it may be. */
interface Place {
  readonly depth: number;
  /** The children spawned before it, of the scope whose body it is in. */
  readonly children: number[] | undefined;
  /** In a clean-up, which has none of its own. */
  readonly isCleanup: boolean;
  /** In an async body. */
  readonly isAsync: boolean;
}

class Draw {
  readonly #choices: Choices;
  #steps = 0;
  #ids = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  oneIn(n: number): boolean {
    return this.#choices.choose(n) === 0;
  }

  ms(): number {
    return 1 + this.#choices.choose(LONGEST_MS);
  }

  /**
   * @param children - of the scope that it is the body of; undefined where it is no scope's
   * @param isSlow - it waits before it does anything
   */
  body(depth: number, children: number[] | undefined, isSlow = false): Body {
    const id = ++this.#ids;
    const isAsync = this.oneIn(4);
    const steps = this.#list({ depth, children, isCleanup: false, isAsync }, 4);
    const first: Step[] = isAsync || isSlow ? [this.#sleep()] : [];
    return { id, isAsync, steps: [...first, ...steps] };
  }

  #list(place: Place, most: number): Step[] {
    const steps: Step[] = [];
    for (let left = this.#choices.choose(most + 1); left > 0; left -= 1) {
      if (this.#steps >= MOST_STEPS) break;
      steps.push(this.#step(place));
    }
    return steps;
  }

  #sleep(): Step {
    this.#steps += 1;
    return { id: ++this.#ids, do: 'wait', for: { wait: 'sleep', ms: this.ms() } };
  }

  #step(place: Place): Step {
    this.#steps += 1;
    const id = ++this.#ids;
    const { children, isCleanup } = place;
    const inner: Place = { ...place, depth: place.depth + 1 };
    const isDeep = place.depth >= MOST_DEPTH;
    const what = this.#choices.choose(children === undefined ? 14 : 24);
    if (what < 6 || (isDeep && what > 7)) {
      return {
        id,
        do: 'wait',
        for: this.#wait(isDeep ? MOST_DEPTH : place.depth + 1, false, place.isAsync),
      };
    }
    if (what === 6) return { id, do: 'throw' };
    if (what < 11) {
      const steps = this.#list(inner, 3);
      const rescue = this.oneIn(2) ? this.#list(inner, 2) : undefined;
      return { id, do: 'try', steps, rescue, last: this.#list(inner, 2) };
    }
    if (what < 13 && !isCleanup) {
      return { id, do: 'ensure', steps: this.#cleanup(inner) };
    }
    if (children === undefined || what < 14) {
      return { id, do: 'wait', for: { wait: 'sleep', ms: this.ms() } };
    }
    return this.#inScope(id, what, inner, children);
  }

  #inScope(id: number, what: number, inner: Place, children: number[]): Step {
    const graceMs = this.oneIn(3) ? this.ms() : undefined;
    if (what < 18 || (what < 21 && children.length === 0)) {
      const body = this.body(inner.depth, undefined);
      children.push(body.id);
      return { id, do: 'spawn', body };
    }
    if (what < 21) {
      // SAFETY: the index is below the length.
      const child = children[this.#choices.choose(children.length)] as number;
      if (what === 20) return { id, do: 'stop', child, graceMs };
      // Nobody waits twice: that is another question.
      children.splice(children.indexOf(child), 1);
      return { id, do: 'join', child };
    }
    if (what === 21) return { id, do: 'defer', steps: this.#cleanup(inner) };
    if (what === 22) {
      return { id, do: 'acquire', open: this.#cleanup(inner), close: this.#cleanup(inner) };
    }
    return { id, do: 'stop scope', graceMs };
  }

  #cleanup({ depth }: Place): Step[] {
    return this.#list({ depth, children: undefined, isCleanup: true, isAsync: false }, 3);
  }

  /**
   * Where an async body begins several, it is not said what of them ends in the same turn: so that all take their time.
   */
  #wait(depth: number, isSlow: boolean, isAsync: boolean): Wait {
    const what = depth >= MOST_DEPTH ? 0 : this.#choices.choose(13);
    if (what < 3) return { wait: 'sleep', ms: this.ms() };
    if (what < 5) return { wait: 'call', body: this.body(depth, undefined, isSlow) };
    const inner = () => this.#wait(depth + 1, isSlow, isAsync);
    if (what === 5) return { wait: 'shield', of: inner() };
    if (what === 6) return { wait: 'timeout', of: inner(), ms: this.ms() };
    if (what < 9) {
      const of = Array.from({ length: 1 + this.#choices.choose(3) }, () =>
        this.#wait(depth + 1, isSlow || isAsync, isAsync),
      );
      return { wait: what === 7 ? 'all' : 'any', of };
    }
    return {
      wait: 'scope',
      body: this.body(depth, [], isSlow),
      kind: (['plain', 'plain', 'supervised', 'told'] as const)[this.#choices.choose(4)] ?? 'plain',
      timeoutMs: this.oneIn(3) ? this.ms() : undefined,
      graceMs: this.oneIn(4) ? this.ms() : undefined,
    };
  }
}
