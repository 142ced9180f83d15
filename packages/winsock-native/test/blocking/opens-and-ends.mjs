// Connects, and ends without closing.
import { workerData } from 'node:worker_threads';
import { client } from '../addon.mjs';

client(workerData.port);
