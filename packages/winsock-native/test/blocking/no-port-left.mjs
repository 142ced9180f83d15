// In a network of its own with four ports, all taken: what sendto and connect of one more datagram socket give, blocking.
import { writeFileSync } from 'node:fs';
import { constants, loopback, must, native, VERSION } from '../addon.mjs';

native.startup(VERSION);
writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', '50000 50003');
const make = () => must('socket', native.socket(constants.AF_INET, constants.SOCK_DGRAM, 0));
const anywhere = loopback(0).fill(0, 4);
while (native.bind(make(), anywhere, 16) === 0);
const seen = (result) => (result < 0 ? [result, native.lastError()] : [result]);
const sendto = seen(native.sendto(make(), new Uint8Array(1), 1, 0, loopback(9), 16));
const connect = seen(native.connect(make(), loopback(9), 16));
process.stdout.write(JSON.stringify({ sendto, connect }));
