// Closes the number it is shown, after a wait of so many looks; over and over, until it is told to stop.
//
// Cells: what to do (0 nothing, 1 close, 2 stop), the number, how many looks to wait, what closesocket gave.
import { workerData } from 'node:worker_threads';
import { native } from '../addon.mjs';

const { cells } = workerData;
const [DO, NUMBER, LOOKS, RESULT] = [0, 1, 2, 3];

for (;;) {
  let what = 0;
  while (what === 0) what = Atomics.load(cells, DO);
  if (what === 2) break;
  for (let i = cells[LOOKS]; i > 0; i--) Atomics.load(cells, DO);
  cells[RESULT] = native.closesocket(cells[NUMBER]);
  Atomics.store(cells, DO, 0);
}
