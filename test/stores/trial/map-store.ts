import type { UserStore } from '../../../src/contract/store.js';
import { storeOver } from '../../../src/stores/index.js';
import { RecordMap } from './map-primitives.js';

/** A Map behind an asynchronous face, as a store. */
export const createMapStore = (): UserStore => storeOver(new RecordMap().primitives());
