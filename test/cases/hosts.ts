import type express from 'express';
import { MemoryStore, type UserStore } from '../../src/index.js';
import { expresses } from '../http/app.js';
import { readyMade } from '../stores/sql/ready-made.js';
import { sqlite } from '../stores/sql/sqlite.js';

type Host = readonly [name: string, make: typeof express, open: () => Promise<UserStore>];

const stores = [
  ['the memory store', async () => new MemoryStore()],
  ['the SQL store on SQLite', async () => (await readyMade(sqlite().db)).store],
] as const;

/** Every settled case runs on both versions of Express over both stores. */
export const hosts: readonly Host[] = expresses.flatMap(([name, make]) =>
  stores.map(([store, open]): Host => [`${name} over ${store}`, make, open]),
);
