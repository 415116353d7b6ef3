// A process whose leaking route is asked many times before a single collection is reported.
import { retainSessions } from '../../src/shop/faults/retained-sessions.js';

const SESSION_KB = 8000;
const BURST_REQUESTS = 40;

const rememberSession = retainSessions(SESSION_KB);
for (let request = 0; request < BURST_REQUESTS; request++) rememberSession();
