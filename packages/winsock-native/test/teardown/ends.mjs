// The ways to die that a thread has by itself.
const CODE = 7;

export function endBy(end) {
  if (end.startsWith('process.exit')) process.exit(CODE);
  if (end.startsWith('uncaught exception')) throw new Error('planted');
  // 'nothing left to do': returns.
}
