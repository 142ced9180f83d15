/** Where a server listens, from the line that every listing prints once it does. */
import type { Actor } from '../../theatre/scene.js';

/** Waits until the server listens; the number matters where it was started with port 0. */
export async function serverPort(server: Actor): Promise<number> {
  const [, port] = await server.printed(/^listening on \S+:(\d+)$/m);
  return Number(port);
}
