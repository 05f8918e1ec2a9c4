// An application with TypeORM, and SCIM over the same tables and the same connection pool.
import express from 'express';
import { DataSource, IsNull } from 'typeorm';
import type { OpenExample } from '../example.js';
import { scimRouter } from '../scim.js';
import { kyselyOver } from './kysely.js';
import { members, teams } from './models.js';

export const open: OpenExample = async ({ url, poolSize, key }) => {
  const orm = new DataSource({ type: 'postgres', url, entities: [members, teams], poolSize });
  await orm.initialize();
  // What SCIM adds: Kysely over the pool of TypeORM, and the router.
  const db = kyselyOver(orm);
  const app = express();
  app.use('/scim/v2', scimRouter(db, key));

  app.get('/members', async (_req, res) => {
    const found = await orm.getRepository(members).find({
      where: { deletedAt: IsNull() },
      relations: { teams: true },
      order: { id: 'asc', teams: { name: 'asc' } },
    });
    res.json(
      found.map(({ id, email, displayName, maySignIn, teams: memberTeams }) => ({
        ...{ id, email, displayName, maySignIn },
        teams: memberTeams.map(({ name }) => name),
      })),
    );
  });
  app.patch('/members/:id', express.json(), async (req, res) => {
    const { displayName } = req.body as { readonly displayName?: unknown };
    if (typeof displayName !== 'string') {
      res.status(400).json({ error: 'displayName must be a string' });
      return;
    }
    await orm.getRepository(members).update({ id: Number(req.params.id) }, { displayName });
    res.sendStatus(204);
  });
  return { app, db, close: () => orm.destroy() };
};
