import { afterAll, describe, it } from '@jest/globals';
import { testUserStore } from '../../../src/testing/index.js';
import { randomStoreOptions } from '../../random.js';
import { TestDatabase, url } from './mongodb.js';

if (url === undefined) {
  describe('mongoStore', () => {
    it.skip('needs MONGODB_URL (.ci/mongodb.sh start)', () => undefined);
  });
} else {
  const database = new TestDatabase(url);
  for (const outbox of [false, true]) {
    let drop: (() => Promise<void>) | undefined;
    testUserStore({
      name: `mongoStore, ${outbox ? 'with' : 'without'} outbox`,
      create: async () => {
        const made = await database.make({ outbox });
        drop = () => made.drop();
        return made;
      },
      destroy: () => drop?.(),
      ...randomStoreOptions(60),
    });
  }
  afterAll(() => database.close());
}
