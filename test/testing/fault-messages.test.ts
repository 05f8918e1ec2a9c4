import { expect, it } from '@jest/globals';
import { type RecordIndex, storeOver, type StoreRecord } from '../../src/stores/index.js';
import { runStoreCases, type StoreUnderTest } from '../../src/testing/index.js';
import { SoundPrimitives, Storage } from './planted/sound-primitives.js';

/** Primitives whose writes can be made to fail, and which do not roll back. */
class Breakable extends SoundPrimitives {
  #left: number | undefined;
  #lasts = false;

  breakAt(nth: number | undefined, permanently = false): void {
    this.#left = nth;
    this.#lasts = permanently;
  }

  protected statement(): void {
    if (this.#left === undefined || --this.#left > 0) return;
    if (!this.#lasts) this.#left = undefined;
    throw new Error('The disk is full.');
  }

  protected override async claim(record: StoreRecord): Promise<void> {
    this.statement();
    await super.claim(record);
  }

  protected override async write(record: StoreRecord, index: RecordIndex): Promise<void> {
    this.statement();
    await super.write(record, index);
  }
}

/** A change in two steps, of which the first may be left. */
class HalfWritten extends Breakable {
  protected override async overwrite(before: StoreRecord, after: StoreRecord, index: RecordIndex): Promise<void> {
    const { displayName: _, ...attributes } = before.attributes;
    await this.write({ ...before, attributes }, index);
    await this.write(after, index);
  }
}

async function messageOf(id: string, primitives: Breakable): Promise<string | undefined> {
  const create = (): StoreUnderTest => ({
    store: storeOver(primitives),
    breakAt: (nth, permanently) => primitives.breakAt(nth, permanently),
  });
  const [result] = await runStoreCases({ name: 'breakable', create, only: [id] });
  return result?.message;
}

it('names the statement after which a unique key stays taken', async () => {
  expect(await messageOf('faults-create', new Breakable(new Storage()))).toContain(
    'What the store did:     after an error from statement 2 on a unique key stays taken: the same write is refused with ConflictError: ',
  );
});

it('names the statement, and the first attribute that differs after it alone', async () => {
  const message = await messageOf('faults-update', new HalfWritten(new Storage()));
  expect(message).toMatch(
    /What the store did: {5}after an error from statement 3 on, something has changed: users\.[0-9a-f-]+\.displayName is undefined; expected "a"\n/,
  );
});
