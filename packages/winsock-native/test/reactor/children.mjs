/**
 * Programs whose exit is the question; run as a process of their own with the name of one of them.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { SockaddrIn } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, WOULD_BLOCK } from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';

function listener() {
  const passive = Socket.create(2, SOCK_STREAM);
  passive.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  passive.listen();
  return passive;
}

/** Written at once, whatever becomes of the process. */
function say(text) {
  writeSync(1, `${text}\n`);
}

const programs = {
  /** Open, watched, and nobody waits: the process ends by itself. */
  idle() {
    const passive = listener();
    watch(passive);
    say('idle');
  },

  /** Waits until a byte on stdin makes it connect to itself; the wait alone keeps it alive. */
  pending() {
    const passive = listener();
    const watched = watch(passive);
    watched.wait('read', () => {
      const accepted = passive.tryAccept();
      say(accepted === WOULD_BLOCK ? 'nothing' : 'accepted');
    });
    say(passive.localAddress.port);
  },

  /** The only wait is taken back. */
  cancelled() {
    const watched = watch(listener());
    watched.wait('read', () => {});
    watched.cancel('read');
    say('cancelled');
  },

  /** The first watch of the thread comes when no descriptor is left; a second one, when there are some again. */
  'out-of-descriptors'() {
    const passive = listener();
    const taken = [];
    try {
      for (;;) taken.push(openSync('/dev/null'));
    } catch {
      // That was the last.
    }
    try {
      watch(passive);
    } catch ({ name, code, syscall }) {
      say(`${name} ${code} ${syscall}`);
    }
    for (const one of taken) closeSync(one);
    watch(passive).close();
    say('watched');
  },

  /** Two are woken by one batch and the first throws; the second must still come, and the error surface. */
  throwing() {
    const passive = [listener(), listener()];
    const clients = passive.map(() => Socket.create(2, SOCK_STREAM));
    let left = 2;
    process.on('uncaughtException', (error) => say(`uncaught ${error.message}`));
    for (const [i, one] of passive.entries()) {
      const watched = watch(one);
      watched.wait('read', () => {
        say(`wake ${--left}`);
        if (left === 1) throw new Error('of the first');
      });
      clients[i].tryConnect(one.localAddress);
    }
  },

  /** As above without anybody listening for it: the process dies of it as Node does. */
  'throwing-unheard'() {
    const passive = listener();
    const client = Socket.create(2, SOCK_STREAM);
    watch(passive).wait('read', () => {
      throw new Error('unheard');
    });
    client.tryConnect(passive.localAddress);
  },
};

programs[process.argv[2]]();
