/** Types of counts.mjs. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export function tellCounts(counts: Counts): void;
export function countReport(path: string): Counts;
