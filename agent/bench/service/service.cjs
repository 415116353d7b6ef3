// The service that is measured: one route a workload, its figures over IPC. It resolves everything from PEERS_DIR.
const http = require('node:http');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const load = createRequire(join(process.env.PEERS_DIR, 'package.json'));
const Fastify = load('fastify');
const pg = load('pg');
const Redis = load('ioredis');

const pool = new pg.Pool({ max: 20 });
const redis = new Redis(process.env.REDIS_URL, { lazyConnect: true });
const downstreamUrl = process.env.DOWNSTREAM_URL;
const keepAlive = new http.Agent({ keepAlive: true });

const app = Fastify();
app.get('/whoami', async () => ({ pid: process.pid, agent: agentOf() }));
app.post('/hello/:id', async (request) => ({ id: request.params.id, name: request.body.name }));
app.post('/db/:id', async (request) => {
  const { rows } = await query(request.params.id);
  return { id: request.params.id, name: request.body.name, rows };
});
app.post('/mixed/:id', async (request) => {
  const { id } = request.params;
  const cached = await redis.get(`product:${id}`);
  const { rows } = await query(id);
  const others = await pool.query(
    'SELECT count(*)::int AS count FROM products WHERE price > $1',
    [10],
  );
  const price = await get(`${downstreamUrl}/price/${id}`);
  return { id, name: request.body.name, cached, rows, others: others.rows[0].count, price };
});

app.listen({ port: 0, host: '127.0.0.1' }).then(async () => {
  await redis.connect().catch(() => {});
  process.send({ port: app.server.address().port });
});

process.on('message', (question) => {
  if (question === 'profile') {
    require('./profile.cjs').start();
    process.send({});
    return;
  }
  if (question === 'profiled') {
    require('./profile.cjs').stop((micros) => process.send({ micros }));
    return;
  }
  if (question === 'collect' && globalThis.gc) globalThis.gc();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  process.send({ cpuMicros: user + system, rss, heapUsed });
});
process.on('disconnect', () => process.exit(0));

function query(id) {
  return pool.query('SELECT id, title, price FROM products WHERE id = $1', [id]);
}

function get(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent: keepAlive }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });
}

/** Which agent runs here, by what is loaded: so that none is measured under another's name. */
function agentOf() {
  const marks = {
    venturi: /[\\/]agent[\\/]dist[\\/]bundle[\\/]start\.js$/,
    dd: /[\\/]dd-trace[\\/]packages[\\/]dd-trace[\\/]src[\\/](?:proxy|tracer)\.js$/,
    elastic: /[\\/]elastic-apm-node[\\/]lib[\\/]agent\.js$/,
    newrelic: /[\\/]newrelic[\\/]lib[\\/]agent\.js$/,
    otel: /[\\/]@opentelemetry[\\/]sdk-node[\\/]build[\\/]src[\\/]sdk\.js$/,
  };
  const files = Object.keys(require.cache);
  const found = Object.keys(marks).filter((name) => files.some((file) => marks[name].test(file)));
  return found.join('+') || 'none';
}
