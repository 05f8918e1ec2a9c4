import type { Kysely } from 'kysely';

/**
 * A migration for Kysely's `Migrator`. It has the shape of Kysely's own type, which Kysely 0.28 exports from `kysely` and
 * 0.29 from `kysely/migration`.
 */
export interface TableMigration {
  up(db: Kysely<unknown>): Promise<void>;
  down(db: Kysely<unknown>): Promise<void>;
}
