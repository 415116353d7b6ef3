// The same as an ES module.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { resolve } = createRequire(join(process.env.PEERS_DIR, 'package.json'));
const load = (name) => import(pathToFileURL(resolve(name)).href);
await load('pg');
await load('ioredis');
const { default: fastify } = await load('fastify');
const app = fastify();
app.get('/', async () => 'started');
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write('listening\n');
