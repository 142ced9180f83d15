import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LedgerBook } from './ledger.js';

type Step = 'open' | 'refuse' | 'served' | 'shed' | 'aborted';

function take(book: LedgerBook, step: Step): void {
  if (step === 'open') book.open();
  else if (step === 'refuse') book.refuse();
  else if (book.live > 0) book.end(step);
}

test('accepted = live + served + refused + shed + aborted after every step of any history', () => {
  const steps = fc.array(fc.constantFrom<Step>('open', 'refuse', 'served', 'shed', 'aborted'));
  fc.assert(
    fc.property(steps, (history) => {
      const book = new LedgerBook();
      for (const step of history) {
        take(book, step);
        const { accepted, live, served, refused, shed, aborted } = book.snapshot();
        expect(accepted).toBe(live + served + refused + shed + aborted);
        expect(live).toBeGreaterThanOrEqual(0);
      }
      const { accepted, refused } = book.snapshot();
      expect(refused).toBe(history.filter((step) => step === 'refuse').length);
      expect(accepted - refused).toBe(history.filter((step) => step === 'open').length);
    }),
  );
});

test('a snapshot does not change when the account goes on', () => {
  const book = new LedgerBook();
  book.open();
  const before = book.snapshot();
  book.end('served');
  expect(before).toEqual({ accepted: 1, live: 1, served: 0, refused: 0, shed: 0, aborted: 0 });
  expect(book.snapshot()).toMatchObject({ live: 0, served: 1 });
});
