// Runs an example: `npm run example:orm -- prisma`. DATABASE_URL names an empty PostgreSQL database; without it,
// PostgreSQL runs inside this process.
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { generateConnectorKey } from 'express-scim';
import { productTables } from '../asset-tracker/schema.js';
import type { OpenExample } from './example.js';
import { startPostgres } from './postgres.js';
import { migrate } from './scim.js';

const examples: Readonly<Record<string, () => Promise<{ readonly open: OpenExample }>>> = {
  drizzle: () => import('./drizzle/app.js'),
  knex: () => import('./knex/app.js'),
  prisma: () => import('./prisma/app.js'),
  sequelize: () => import('./sequelize/app.js'),
  typeorm: () => import('./typeorm/app.js'),
};

const load = examples[process.argv[2] ?? ''];
if (load === undefined) throw new TypeError(`Name one example: ${Object.keys(examples).join(', ')}.`);
const { open } = await load();

const databaseUrl = process.env['DATABASE_URL'];
const database =
  databaseUrl === undefined ? { ...(await startPostgres()), poolSize: 1 } : { url: databaseUrl, poolSize: 5 };
const { key } = generateConnectorKey();
const { app, db } = await open({ ...database, key });
for (const statement of productTables('postgres')) await sql.raw(statement).execute(db);
await migrate(db);

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', (error?: Error) => {
  // Express 5 calls it also where the port is taken.
  if (error !== undefined) throw error;
  const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  console.log(`SCIM connector base URL: ${address}/scim/v2`);
  console.log(`Connector key: ${key}`);
  console.log(`Members, read by the ORM: ${address}/members`);
});
