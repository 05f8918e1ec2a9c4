// node --import tsx test/soak/correct-stores.ts [RUNS]: a correct store passes all test cases in every run, each with another seed.
import { runStoreCases, type StoreTestOptions } from '../../src/testing/index.js';
import { outboxStore, soundStatements, soundStore } from '../stores/broken/index.js';

const [runs = '50'] = process.argv.slice(2);
const stores: readonly (readonly [name: string, create: StoreTestOptions['create']])[] = [
  ['a store', soundStore],
  ['one with an outbox', () => outboxStore()],
  ['one whose statements fail', soundStatements],
];
let failed = 0;
for (let run = 1; run <= Number(runs); run++) {
  for (const [name, create] of stores) {
    const results = await runStoreCases({ name, create, seed: run, randomRuns: 20 });
    for (const { message } of results.filter(({ status }) => status === 'failed')) {
      failed++;
      console.log(`run ${String(run)}, ${name}: ${message ?? ''}`);
    }
  }
}
console.log(`${runs} runs of ${String(stores.length)} correct stores: ${String(failed)} failures`);
process.exitCode = failed === 0 ? 0 : 1;
