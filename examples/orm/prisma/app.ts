// An application with Prisma, and SCIM over the same tables and the same connection pool.
import { PrismaPg } from '@prisma/adapter-pg';
import express from 'express';
import { Kysely, PostgresDialect } from 'kysely';
import type { Tables } from '../../asset-tracker/database.js';
import type { OpenExample } from '../example.js';
import { openPool } from '../pool.js';
import { scimRouter } from '../scim.js';
import { PrismaClient } from './generated/client.js';

export const open: OpenExample = async ({ url, poolSize, key }) => {
  const pool = openPool(url, poolSize);
  const orm = new PrismaClient({ adapter: new PrismaPg(pool) });
  // What SCIM adds: Kysely over the pool of Prisma's driver adapter, and the router.
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const app = express();
  app.use('/scim/v2', scimRouter(db, key));

  app.get('/members', async (_req, res) => {
    const members = await orm.member.findMany({
      where: { deletedAt: null },
      include: { memberships: { include: { team: true }, orderBy: { team: { name: 'asc' } } } },
      orderBy: { id: 'asc' },
    });
    res.json(
      members.map(({ id, email, displayName, maySignIn, memberships }) => ({
        ...{ id, email, displayName, maySignIn },
        teams: memberships.map(({ team }) => team.name),
      })),
    );
  });
  app.patch('/members/:id', express.json(), async (req, res) => {
    const { displayName } = req.body as { readonly displayName?: unknown };
    if (typeof displayName !== 'string') {
      res.status(400).json({ error: 'displayName must be a string' });
      return;
    }
    await orm.member.update({ where: { id: Number(req.params.id) }, data: { displayName } });
    res.sendStatus(204);
  });
  const close = async (): Promise<void> => {
    await orm.$disconnect();
    await pool.end();
  };
  return { app, db, close };
};
