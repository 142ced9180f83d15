/** What a program has done, to be compared: for each body and each list of clean-ups its steps in order, with times. */

/** How something ended that did not succeed. */
export interface Failed {
  /** False: it was stopped. */
  readonly isError: boolean;
  /** Of its own error, and of all that are attached. */
  readonly labels: readonly string[];
}

export function textOf({ isError, labels }: Failed): string {
  const all = labels.map((label) => label.replace(/^timeout .*/, 'timeout')).sort();
  return `${isError ? 'failed' : 'stopped'}${all.length > 0 ? `: ${all.join(', ')}` : ''}`;
}

export class Record {
  readonly #steps = new Map<string, string[]>();

  add(of: string, atMs: number, what: string): void {
    const steps = this.#steps.get(of) ?? [];
    this.#steps.set(of, steps);
    steps.push(`${Math.floor(atMs)}: ${what}`);
  }

  addAll(other: Record): void {
    for (const [of, steps] of other.#steps) {
      this.#steps.set(of, [...(this.#steps.get(of) ?? []), ...steps]);
    }
  }

  /** Whose steps differ, as text; empty when all are the same. */
  differenceTo(expected: Record): string[] {
    const all = new Set([...this.#steps.keys(), ...expected.#steps.keys()]);
    return [...all].flatMap((of) => {
      const [here, there] = [this, expected].map((record) => {
        const steps = record.#steps.get(of) ?? [];
        // Of failures that one stop has caused none is the first.
        return of.startsWith('failures') ? [...steps].sort() : steps;
      });
      return String(here) === String(there)
        ? []
        : [`${of}:\n  did      ${here?.join('; ')}\n  expected ${there?.join('; ')}`];
    });
  }
}
