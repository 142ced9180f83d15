/** The thread's side of workerpool. */
import workerpool from 'workerpool';
import { address, empty, fib, object, spin } from './tasks.js';

workerpool.worker({ empty, address, object, fib, spin });
