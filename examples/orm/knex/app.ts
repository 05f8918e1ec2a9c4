// An application with Knex, and SCIM over the same tables and the same connection pool.
import express from 'express';
import knex from 'knex';
import type { OpenExample } from '../example.js';
import { scimRouter } from '../scim.js';
import { kyselyOver } from './kysely.js';
import { listMembers } from './models.js';

export const open: OpenExample = async ({ url, poolSize, key }) => {
  const orm = knex({ client: 'pg', connection: url, pool: { min: 0, max: poolSize } });
  // What SCIM adds: Kysely over the pool of Knex, and the router.
  const db = kyselyOver(orm);
  const app = express();
  app.use('/scim/v2', scimRouter(db, key));

  app.get('/members', async (_req, res) => {
    res.json(await listMembers(orm));
  });
  app.patch('/members/:id', express.json(), async (req, res) => {
    const { displayName } = req.body as { readonly displayName?: unknown };
    if (typeof displayName !== 'string') {
      res.status(400).json({ error: 'displayName must be a string' });
      return;
    }
    await orm('members')
      .where({ id: Number(req.params.id) })
      .update({ display_name: displayName });
    res.sendStatus(204);
  });
  return { app, db, close: () => orm.destroy() };
};
