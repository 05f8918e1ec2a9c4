// A process that writes to the store of the kill test until it is killed, and says on standard output what it begins and
// what the store has confirmed: node --import tsx dying-process.ts URL DATABASE COLLECTION NAME GROUP SEED
import { writeSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { mongoStore } from '../../../src/mongodb.js';
import { change, ctx, members, newUser, nothing, removal } from '../../../src/testing/requests.js';
import type { Group } from '../../../src/contract/resource.js';

const [url = '', database = '', collection = '', name = '', group = '', seed = '1'] = process.argv.slice(2);
const client = new MongoClient(url);
const store = mongoStore(client.db(database), { collection, outbox: true });
const say = (what: string, id: string): void => void writeSync(1, `${what} ${id}\n`);

let state = Number(seed);
/** A pseudo-random integer below a limit. */
function below(limit: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (state >> 8) % limit;
}

const mine: string[] = [];
for (let i = 0; ; i++) {
  const victim = mine[below(mine.length + 1)];
  if (mine.length < 4 || victim === undefined) {
    const { id } = (await store.create(newUser(`${name}-${String(i)}`), ctx())).resource;
    say('created', id);
    say('adding', id);
    const add = { ...change<Group>({ members: members({ add: [id] }) }), selection: nothing };
    await store.groups.update(group, add, ctx());
    say('added', id);
    mine.push(id);
  } else {
    mine.splice(mine.indexOf(victim), 1);
    say('deleting', victim);
    await store.delete(victim, removal(), ctx());
    say('deleted', victim);
  }
}
