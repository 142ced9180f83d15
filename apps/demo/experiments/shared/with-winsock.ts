/** The frame of an experiment that calls the C surface in the play's own process: start-up before, clean-up after. */
import { MAKEWORD, WSACleanup, WSADATA, WSAStartup } from '@netloom/winsock-native';
import { Problem } from '../../commands/problem.js';

/** Starts Winsock, plays, and cleans up however the play ends. */
export async function withWinsock(play: () => Promise<void>): Promise<void> {
  const started = WSAStartup(MAKEWORD(2, 2), new WSADATA());
  if (started !== 0) throw new Problem(`WSAStartup failed: ${started}`);
  try {
    await play();
  } finally {
    WSACleanup();
  }
}
