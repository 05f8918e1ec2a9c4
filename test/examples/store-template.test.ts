import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { connectorKeys, createScimRouter } from 'express-scim';
import { testStorePrimitives, testUserStore } from 'express-scim/testing';
import request from 'supertest';
import { Database } from '../../examples/store-template/database.js';
import { primitives } from '../../examples/store-template/primitives.js';
import { myStore } from '../../examples/store-template/store.js';
import { randomStoreOptions } from '../random.js';

testStorePrimitives({
  name: 'the operations of the template',
  create: () => {
    const database = new Database();
    return { primitives: primitives(database), another: () => primitives(database) };
  },
});

testUserStore({
  name: 'the template',
  ...randomStoreOptions(),
  create: () => {
    const database = new Database();
    return { store: myStore(database), another: () => myStore(database) };
  },
});

describe('the app of the template', () => {
  it('keeps a user, a group and the membership', async () => {
    const key = 'a-key-of-some-length';
    const app = express();
    app.use('/scim/v2', createScimRouter(myStore(new Database()), { authenticate: connectorKeys([{ key }]) }));
    const send = (method: 'get' | 'post' | 'delete', path: string, body?: object) =>
      request(app)
        [method](`/scim/v2/${path}`)
        .set({ authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' })
        .send(body && JSON.stringify(body));
    const schemas = (type: string) => [`urn:ietf:params:scim:schemas:core:2.0:${type}`];
    const user = await send('post', 'Users', { schemas: schemas('User'), userName: 'ada' });
    const members = [{ value: user.body.id as string }];
    const group = await send('post', 'Groups', { schemas: schemas('Group'), displayName: 'Crew', members });
    expect([user.status, group.status]).toEqual([201, 201]);
    const found = await send('get', 'Users?filter=userName%20eq%20%22ADA%22');
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ groups: [{ display: 'Crew' }] }] });
    expect((await send('delete', `Users/${String(user.body.id)}`)).status).toBe(204);
    const after = await send('get', `Groups/${String(group.body.id)}`);
    expect(after.body.members ?? []).toEqual([]);
  });
});
