import type express from 'express';
import { MemoryStore, type UserStore } from '../../src/index.js';
import { expresses } from '../http/app.js';
import { builtInTables } from '../stores/built-in/built-in.js';
import { mapped, prepareMapped } from '../stores/mapped/mapped.js';
import { sqlite } from '../stores/sql/sqlite.js';

/** `nests`: whether groups can be members of groups; a foreign key to the users cannot hold them. */
type Host = readonly [name: string, make: typeof express, open: () => Promise<UserStore>, nests: boolean];

const stores = [
  ['the memory store', async () => new MemoryStore(), true],
  ['the SQL store on SQLite', async () => (await builtInTables(sqlite().db)).store, true],
  ['mapped tables on SQLite', openMapped, false],
] as const;

/** Every settled case runs on both versions of Express over both stores. */
export const hosts: readonly Host[] = expresses.flatMap(([name, make]) =>
  stores.map(([store, open, nests]): Host => [`${name} over ${store}`, make, open, nests]),
);

async function openMapped(): Promise<UserStore> {
  const { db } = sqlite();
  await prepareMapped(db, 'sqlite');
  return (await mapped(db)).store;
}
