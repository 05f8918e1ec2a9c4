import type { Express } from 'express';
import type { Kysely } from 'kysely';
import type { Tables } from '../asset-tracker/database.js';

/** What `open` of each example returns. */
export interface Example {
  readonly app: Express;
  /** Kysely over the connections of the ORM. */
  readonly db: Kysely<Tables>;
  /** Closes all connections. */
  close(): Promise<void>;
}

interface ExampleOptions {
  /** A PostgreSQL database that has the tables of the asset tracker. */
  readonly url: string;
  /** The most connections. */
  readonly poolSize: number;
  /** The connector key of the identity provider. */
  readonly key: string;
}

/** Opens the application of an example. */
export type OpenExample = (options: ExampleOptions) => Promise<Example>;
