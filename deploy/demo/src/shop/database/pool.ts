// The connection pool of a service.
import pg from 'pg';

const POOL_SIZE = 10;

/** Opens the pool named by `DEMO_DATABASE_URL`, of `DEMO_POOL_SIZE` connections. */
export function openPool(env: NodeJS.ProcessEnv): pg.Pool {
  const pool = new pg.Pool({
    connectionString: env.DEMO_DATABASE_URL,
    max: Number(env.DEMO_POOL_SIZE ?? POOL_SIZE),
    idleTimeoutMillis: 30_000,
  });
  // A connection that breaks while idle is replaced by the next query; without this it ends the process.
  pool.on('error', (error) => console.error(`idle connection lost: ${error.message}`));
  return pool;
}
