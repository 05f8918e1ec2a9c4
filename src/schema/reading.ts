import type { Work } from '../contract/work.js';
import type { Limits } from '../limits.js';
import type { UseQuirk } from '../quirks/active-quirks.js';
import type { Attribute } from './attribute.js';
import type { ResourceType } from './resource-type.js';
import type { ValueMistakes } from './value-mistakes.js';

/** How much a request may send, and the work that reading it is charged to. */
export interface ReadingBounds {
  readonly limits: Limits;
  readonly work: Work;
}

/** How the bodies of a request are read: the resource type whose names they use, and the quirks that may be applied. */
export interface Reading extends ReadingBounds {
  readonly type: ResourceType;
  readonly useQuirk: UseQuirk;
  /** Collects what is wrong with values, so that reading goes on after the first. Undefined: the first is thrown. */
  readonly mistakes?: ValueMistakes | undefined;
  /**
   * True in PUT and PATCH, where a value replaces a stored one. A complex value of which nothing is understood is then
   * refused: it would erase what is stored (standards reading 55).
   */
  readonly replaces?: boolean | undefined;
}

/** What differs between the bodies of POST, PUT and PATCH, and the bounds of what is read. */
export type ReadingOptions = Partial<Omit<Reading, 'type' | 'useQuirk'>>;

/** The attributes that an object names, with their canonical values; `undefined`: unassigned. */
export type Assertions = ReadonlyMap<Attribute, unknown>;
