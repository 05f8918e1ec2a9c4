import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { testUserStore } from '../../src/testing/index.js';
import { createExampleStore } from './example-store.js';
import { patient } from '../patient.js';

describe('the example of docs/stores.md', () => {
  testUserStore({ ...patient, name: 'the example', create: () => createExampleStore() });

  it('is the file that these tests compile and run', () => {
    const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
    const blocks = [...read('../../docs/stores.md').matchAll(/```ts\n([\s\S]*?)\n```/g)].map(([, code]) => code);
    const example = blocks.find((code) => code?.includes('createExampleStore'));
    expect(example).toBe(read('example-store.ts').trimEnd());
  });
});
