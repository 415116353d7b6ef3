// A service under test: two workers of a cluster, each with a pool, that ask for the rows of a cart one by one.
import cluster from 'node:cluster';
import express from 'express';
import pg from 'pg';

const workers = 2;

function runPrimary() {
  let listening = 0;
  cluster.on('listening', (_worker, address) => {
    listening += 1;
    if (listening === workers) console.log(`listening ${address.port}`);
  });
  for (let i = 0; i < workers; i += 1) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.kill('SIGTERM');
  });
  let ended = 0;
  cluster.on('exit', () => {
    ended += 1;
    if (ended === workers) console.log('bye');
  });
}

function runWorker() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });

  async function readCart(ids) {
    const lines = [];
    for (const id of ids) {
      const { rows } = await pool.query('SELECT name, cents FROM product WHERE id = $1', [id]);
      lines.push(rows[0]);
    }
    return lines;
  }

  const app = express();
  app.get('/cart/:size', async (request, response) => {
    const ids = Array.from({ length: Number(request.params.size) }, (_, i) => i + 1);
    response.json({ pid: process.pid, lines: await readCart(ids) });
  });
  const server = app.listen(0, '127.0.0.1');
  process.on('SIGTERM', () => {
    server.close(async () => {
      await pool.end();
      process.disconnect();
    });
    server.closeIdleConnections();
  });
}

if (cluster.isPrimary) runPrimary();
else runWorker();
