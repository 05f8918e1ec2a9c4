// An application with Sequelize, and SCIM over the same tables and the same connection pool.
import express from 'express';
import { Sequelize } from 'sequelize';
import type { OpenExample } from '../example.js';
import { scimRouter } from '../scim.js';
import { kyselyOver } from './kysely.js';
import { defineModels } from './models.js';

export const open: OpenExample = async ({ url, poolSize, key }) => {
  const orm = new Sequelize(url, { dialect: 'postgres', logging: false, pool: { max: poolSize } });
  const { Member, Team } = defineModels(orm);
  // What SCIM adds: Kysely over the pool of Sequelize, and the router.
  const db = kyselyOver(orm);
  const app = express();
  app.use('/scim/v2', scimRouter(db, key));

  app.get('/members', async (_req, res) => {
    const members = await Member.findAll({
      where: { deletedAt: null },
      include: { model: Team, as: 'teams' },
      order: ['id', ['teams', 'name', 'asc']],
    });
    res.json(
      members.map(({ id, email, displayName, maySignIn, teams = [] }) => ({
        ...{ id, email, displayName, maySignIn },
        teams: teams.map(({ name }) => name),
      })),
    );
  });
  app.patch('/members/:id', express.json(), async (req, res) => {
    const { displayName } = req.body as { readonly displayName?: unknown };
    if (typeof displayName !== 'string') {
      res.status(400).json({ error: 'displayName must be a string' });
      return;
    }
    await Member.update({ displayName }, { where: { id: Number(req.params.id) } });
    res.sendStatus(204);
  });
  return { app, db, close: () => orm.close() };
};
