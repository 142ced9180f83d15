/** Sends itself 500 datagrams, and says how many were sent. */
import { AF_INET, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  bind,
  getsockname,
  SOCK_DGRAM,
  sendto,
  socket,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';

const DATAGRAMS = 500;
const BYTES = 10;

WSAStartup(0x202, new WSADATA());
const sock = socket(AF_INET, SOCK_DGRAM, 0);
const address = SockaddrIn.from({ address: '127.0.0.1', port: 0 });
bind(sock, address, sizeof(address));
getsockname(sock, address, { value: sizeof(address) });
let sent = 0;
for (let i = 0; i < DATAGRAMS; i++) {
  if (sendto(sock, new Uint8Array(BYTES), BYTES, 0, address, sizeof(address)) === BYTES) sent++;
}
console.log(`${sent} of ${DATAGRAMS}`);
