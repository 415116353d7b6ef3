// A service whose start is timed: it loads what services load, and listens.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const load = createRequire(join(process.env.PEERS_DIR, 'package.json'));
load('pg');
load('ioredis');
const app = load('fastify')();
app.get('/', async () => 'started');
app.listen({ port: 0, host: '127.0.0.1' }).then(() => process.stdout.write('listening\n'));
