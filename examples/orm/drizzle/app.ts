// An application with Drizzle, and SCIM over the same tables and the same connection pool.
import { eq, isNull } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import express from 'express';
import { Kysely, PostgresDialect } from 'kysely';
import type { Tables } from '../../asset-tracker/database.js';
import type { OpenExample } from '../example.js';
import { openPool } from '../pool.js';
import { scimRouter } from '../scim.js';
import { members, schema } from './models.js';

export const open: OpenExample = async ({ url, poolSize, key }) => {
  const pool = openPool(url, poolSize);
  const orm = drizzle({ client: pool, schema });
  // What SCIM adds: Kysely over the pool of Drizzle, and the router.
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const app = express();
  app.use('/scim/v2', scimRouter(db, key));

  app.get('/members', async (_req, res) => {
    const found = await orm.query.members.findMany({
      columns: { id: true, email: true, displayName: true, maySignIn: true },
      where: isNull(members.deletedAt),
      with: { memberships: { with: { team: true } } },
      orderBy: members.id,
    });
    res.json(
      found.map(({ memberships, ...member }) => ({
        ...member,
        teams: memberships.map(({ team }) => team.name).sort(),
      })),
    );
  });
  app.patch('/members/:id', express.json(), async (req, res) => {
    const { displayName } = req.body as { readonly displayName?: unknown };
    if (typeof displayName !== 'string') {
      res.status(400).json({ error: 'displayName must be a string' });
      return;
    }
    await orm
      .update(members)
      .set({ displayName })
      .where(eq(members.id, Number(req.params.id)));
    res.sendStatus(204);
  });
  return { app, db, close: () => pool.end() };
};
