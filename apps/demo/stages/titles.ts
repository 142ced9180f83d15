/** What each stage is called. */
import type { Bilingual } from '@netloom/winsock-native';

export const TITLES = {
  1: {
    en: 'the plain server: socket, bind, listen, accept, recv, send, close',
    zh: '最朴素的服务器：socket、bind、listen、accept、recv、send、close',
  },
  2: {
    en: 'Winsock, call by call, and a client that only connects',
    zh: '逐个调用看 Winsock，以及只会连接的客户端',
  },
  3: { en: 'accept with addrlen 0: error 10014', zh: 'addrlen 为 0 的 accept：错误 10014' },
  4: { en: 'the dialogue: a greeting, a question, an answer', zh: '一问一答：欢迎、提问、回复' },
  5: { en: 'a client that chooses its own port', zh: '自选端口的客户端' },
  6: { en: 'one client after the other', zh: '客户端逐个排队' },
  7: { en: 'a backlog of one, and four clients', zh: 'backlog 为 1，却来了四个客户端' },
  8: { en: 'a thread for each connection', zh: '每个连接一个线程' },
  9: { en: 'a fixed client port, TIME_WAIT and 10048', zh: '固定的客户端端口、TIME_WAIT 与 10048' },
  10: { en: 'a coroutine for each connection', zh: '每个连接一个协程' },
  11: { en: 'a pool of ten threads', zh: '十个线程的线程池' },
  12: { en: 'the pool and coroutines together', zh: '线程池与协程合用' },
} as const satisfies Record<number, Bilingual>;
