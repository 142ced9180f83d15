// Reads the filter of descriptor 9, and says what came and what lies behind the room that was given.
import { constants, native, VERSION } from '../addon.mjs';

native.startup(VERSION);
const SO_GET_FILTER = 26;
const memory = new Uint8Array(64).fill(0xa5);
const read = (room) => {
  const length = Int32Array.of(room);
  const result = native.getsockopt(
    9,
    constants.SOL_SOCKET,
    SO_GET_FILTER,
    memory.subarray(0, room),
    length,
  );
  return [result, result < 0 ? native.lastError() : length[0]];
};
const small = read(4);
const isIntact = memory.every((byte) => byte === 0xa5);
process.stdout.write(JSON.stringify({ small, isIntact, exact: read(32), rest: memory[32] }));
