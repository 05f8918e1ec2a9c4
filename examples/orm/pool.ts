import pg from 'pg';

/** A pool whose lost connections do not end the process: whoever uses one gets the error, and the pool opens another. */
export function openPool(url: string, poolSize: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: poolSize });
  const report = ({ message }: Error): void => console.error('A connection to the database broke:', message);
  pool.on('error', report);
  pool.on('connect', (client) => client.on('error', report));
  return pool;
}
