/** Two ends of a TCP connection over loopback in this process, without Nagle: each send is a segment. */
import { AF_INET, IPPROTO_TCP, SockaddrIn } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, TCP_NODELAY, WOULD_BLOCK } from '@netloom/winsock-native';

let listener: Socket | undefined;

export function connectedPair(): { near: Socket; far: Socket } {
  if (listener === undefined) {
    listener = Socket.create(AF_INET, SOCK_STREAM);
    listener.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
    listener.listen(128);
  }
  const far = Socket.create(AF_INET, SOCK_STREAM);
  far.tryConnect(listener.localAddress);
  let near = listener.tryAccept();
  // Over loopback it is in the queue at once, or a moment later.
  while (near === WOULD_BLOCK) near = listener.tryAccept();
  far.finishConnect();
  for (const one of [near, far]) one.setOption(IPPROTO_TCP, TCP_NODELAY, true);
  return { near, far };
}
