/** What a clean-up leaves. Its sources: vectors/reference/peer-behaviours.json. */
import { assert, connected, fails, succeeds, test, winsock } from '../contract/harness.mjs';

const { MAKEWORD, WSACleanup, WSADATA, WSAStartup } = winsock;

test('the last clean-up leaves the sockets open: after a new start-up they work', {
  skip: process.platform === 'win32',
}, () => {
  assert.equal(WSAStartup(MAKEWORD(2, 2), new WSADATA()), 0);
  const { client, server } = connected();
  assert.equal(WSACleanup(), 0);
  fails(10093, () => winsock.send(client, new Uint8Array(4), 4, 0));
  assert.equal(WSAStartup(MAKEWORD(2, 2), new WSADATA()), 0);
  succeeds(() => winsock.send(client, new Uint8Array(4), 4, 0), 4);
  for (const s of [client, server]) assert.equal(winsock.closesocket(s), 0);
  assert.equal(WSACleanup(), 0);
});
