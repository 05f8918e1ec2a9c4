// An application with Mongoose, and SCIM in the same database over the same connections.
import express, { type Express } from 'express';
import { connectorKeys, createScimRouter } from 'express-scim';
import { createScimIndexes, mongoStore } from 'express-scim/mongodb';
import mongoose, { type Connection } from 'mongoose';
import { defineModels } from './models.js';

/** @param key the connector key of the identity provider */
export async function open(
  url: string,
  key: string,
): Promise<{ readonly app: Express; readonly connection: Connection }> {
  const connection = await mongoose.createConnection(url, { maxPoolSize: 5 }).asPromise();
  const { Member, Team, Profile } = defineModels(connection);
  // What SCIM adds: the store over the client of Mongoose, and the router.
  const db = connection.getClient().db(connection.name);
  await createScimIndexes(db);
  const app = express();
  app.use(
    '/scim/v2',
    createScimRouter(mongoStore(db), {
      authenticate: connectorKeys([{ id: 'idp', key }]),
      async onChange({ type, resourceId }) {
        if (type === 'user.deleted') await Profile.deleteOne({ _id: resourceId });
      },
    }),
  );

  app.get('/members', async (_req, res) => {
    const [members, teams, profiles] = await Promise.all([
      Member.find({ type: 'User' }).sort('attributes.userName').lean(),
      Team.find({ type: 'Group' }).sort('attributes.displayName').lean(),
      Profile.find().lean(),
    ]);
    res.json(
      members.map(({ _id: id, attributes }) => ({
        ...{ id, userName: attributes?.userName, displayName: attributes?.displayName, maySignIn: attributes?.active },
        mayHoldAssets: profiles.some((profile) => profile._id === id && profile.mayHoldAssets),
        teams: teams
          .filter((team) => team.members.some(({ value }) => value === id))
          .map((team) => team.attributes?.displayName),
      })),
    );
  });
  app.patch('/members/:id', express.json(), async (req, res) => {
    const { mayHoldAssets } = req.body as { readonly mayHoldAssets?: unknown };
    if (typeof mayHoldAssets !== 'boolean') {
      res.status(400).json({ error: 'mayHoldAssets must be a boolean' });
      return;
    }
    const { id } = req.params;
    if ((await Member.exists({ _id: id, type: 'User' })) === null) {
      res.sendStatus(404);
      return;
    }
    await Profile.updateOne({ _id: id }, { mayHoldAssets }, { upsert: true });
    res.sendStatus(204);
  });
  return { app, connection };
}
