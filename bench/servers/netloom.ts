/**
 * Ours, through the public interface with its defaults.
 *
 *     netloom exchange|echo coroutine|pooled-coroutine
 */
import { createServer } from '@netloom/server';
import { echo, exchange } from './netloom-handlers.js';

const [mode, strategy] = process.argv.slice(2);
if (strategy !== 'coroutine' && strategy !== 'pooled-coroutine') {
  throw new RangeError(`strategy must be coroutine or pooled-coroutine: got ${strategy}`);
}

const server = await createServer({
  host: '127.0.0.1',
  port: 0,
  strategy,
  handler: mode === 'exchange' ? exchange : echo,
});
console.log(JSON.stringify({ port: server.address().port }));

process.once('SIGTERM', async () => {
  const ledger = await server.drain({ timeoutMs: 5000 });
  console.log(JSON.stringify({ connections: ledger.served, ledger }));
});
