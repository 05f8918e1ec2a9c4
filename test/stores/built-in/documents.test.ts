import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import type { Attributes } from '../../../src/contract/attribute.js';
import { compileFilter } from '../../../src/protocol/filter/compile.js';
import { comparePositions, positionOf } from '../../../src/schema/position.js';
import {
  createResourceTable,
  createScimTables,
  dropResourceTable,
  dropScimTables,
  type SqlStore,
  sqlStore,
} from '../../../src/sql.js';
import { ctx, listQuery, nothing } from '../../../src/testing/requests.js';
import { random } from '../../random.js';
import { engines } from '../sql/engines.js';
import { createDevices, device, filter, isOrdered, sortKeys, urn } from './random-devices.js';

describe.each(engines)('documents on $name', ({ name, connect }) => {
  const tables = `doc${String(process.pid)}_`;
  let db: Kysely<unknown>;
  let store: SqlStore;
  beforeAll(async () => {
    db = connect();
    await createScimTables(db, { tables });
    await createResourceTable(db, 'Device', { tables });
    store = sqlStore(db, { tables, lookups: ['parts.label', 'serial', `${urn}:badges.label`] });
  });
  afterAll(async () => {
    await dropResourceTable(db, 'Device', { tables });
    await dropScimTables(db, { tables });
    await db.destroy();
  });

  it('give the results of the evaluator for every type of attribute', async () => {
    const devices = store.resources('Device');
    let run = 0;
    const property = fc.asyncProperty(
      fc.array(device, { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(filter, sortKeys), { minLength: 1, maxLength: 12, size: 'max' }),
      async (drawn, queries) => {
        const context = ctx(`run${String(++run)}`);
        const created = await createDevices(devices, drawn, context);
        for (const [drawnFilter, sort] of queries) {
          const matches = compileFilter(drawnFilter);
          const expected = created
            .filter((each) => matches(each))
            .sort((a, b) => comparePositions(positionOf(a, sort), positionOf(b, sort), sort));
          const page = await devices.list(
            listQuery<Attributes>({ filter: drawnFilter, sort, selection: nothing }),
            context,
          );
          const found = page.resources.map(({ id }) => id);
          expect([...found].sort()).toEqual(expected.map(({ id }) => id).sort());
          const values = (id: string) =>
            positionOf(created.find((each) => each.id === id) ?? { id }, sort).slice(0, -1);
          const positions = found.map(values);
          if (
            positions.flat().every((value) => typeof value !== 'string' || (isOrdered(value) && value.length < 180))
          ) {
            expect(positions).toEqual(expected.map(({ id }) => values(id)));
          }
        }
      },
    );
    await fc.assert(property, random(name === 'SQLite' ? 60 : 30));
  });
});
