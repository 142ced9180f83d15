import { describe, expect, it } from 'vitest';
import { newControl, RESULT_ENTRIES } from './shared-control.js';
import { BLOCK_SLOTS, LAST_ID, newBlock, Slots } from './slots.js';

/** Both sides of one memory, with one block. */
function pair(): { pool: Slots; thread: Slots } {
  const control = newControl();
  const block = newBlock();
  const pool = new Slots(control);
  const thread = new Slots(control);
  pool.addBlock(block);
  thread.addBlock(block);
  return { pool, thread };
}

describe('a slot', () => {
  it('is claimed or recalled, never both', () => {
    const { pool, thread } = pair();
    pool.offer(3, 7);
    expect(thread.claim(3, 7)).toBe(true);
    expect(pool.recall(3, 7)).toBe(false);
    pool.offer(4, 8);
    expect(pool.recall(4, 8)).toBe(true);
    expect(thread.claim(4, 8)).toBe(false);
    expect(thread.claim(3, 7)).toBe(false);
  });

  it('is reserved before it is claimed, and recalled until then', () => {
    const { pool, thread } = pair();
    pool.offer(3, LAST_ID);
    expect(thread.reserve(3, LAST_ID)).toBe(true);
    expect(pool.isOffered(3, LAST_ID)).toBe(false);
    expect(pool.isReserved(3, LAST_ID)).toBe(true);
    expect(thread.claimReserved(3, LAST_ID)).toBe(true);
    expect(pool.isReserved(3, LAST_ID)).toBe(false);
    expect(pool.recall(3, LAST_ID)).toBe(false);
    pool.offer(4, 8);
    expect(thread.reserve(4, 8)).toBe(true);
    expect(pool.recall(4, 8)).toBe(true);
    expect(thread.claimReserved(4, 8)).toBe(false);
    expect(thread.reserve(4, 8)).toBe(false);
  });

  it('used again does not answer to the id it had before', () => {
    const { pool, thread } = pair();
    pool.offer(0, 1);
    expect(pool.recall(0, 1)).toBe(true);
    pool.offer(0, 2);
    expect(thread.claim(0, 1)).toBe(false);
    expect(pool.isOffered(0, 2)).toBe(true);
    expect(thread.claim(0, 2)).toBe(true);
    expect(pool.isOffered(0, 2)).toBe(false);
  });

  it('of a second block is another', () => {
    const { pool, thread } = pair();
    expect(() => pool.offer(BLOCK_SLOTS, 1)).toThrow(`no block holds slot ${BLOCK_SLOTS}`);
    const block = newBlock();
    pool.addBlock(block);
    thread.addBlock(block);
    pool.offer(0, 1);
    pool.offer(BLOCK_SLOTS, 2);
    expect(thread.claim(BLOCK_SLOTS, 2)).toBe(true);
    expect(thread.claim(0, 1)).toBe(true);
  });
});

describe('the ring of results', () => {
  it('carries what fits and refuses what does not', () => {
    const { pool, thread } = pair();
    const values = [undefined, null, true, false, 0, -0, 1.5, Number.NaN, Number.NEGATIVE_INFINITY];
    values.forEach((value, slot) => {
      expect(thread.publish(slot, value)).toBe(true);
    });
    for (const value of ['text', 1n, {}, []]) expect(thread.publish(0, value)).toBe(false);
    expect(pool.hasResults).toBe(true);
    const seen: unknown[] = [];
    const isAny = pool.drain((slot, value) => {
      seen[slot] = value;
    });
    expect(isAny).toBe(true);
    expect(seen).toEqual(values);
    expect(pool.hasResults).toBe(false);
    expect(pool.drain(() => {})).toBe(false);
  });

  it('refuses when it is full, and takes more when the pool has read', () => {
    const { pool, thread } = pair();
    let count = 0;
    while (thread.publish(count % BLOCK_SLOTS, count)) count++;
    expect(count).toBe(RESULT_ENTRIES);
    const seen: unknown[] = [];
    pool.drain((_, value) => seen.push(value));
    expect(seen).toHaveLength(RESULT_ENTRIES);
    expect(thread.publish(0, 1)).toBe(true);
  });
});
