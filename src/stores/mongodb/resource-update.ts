import type { Document } from 'mongodb';
import type { Attributes } from '../../contract/attribute.js';
import { attributeUpdate } from './attribute-update.js';
import type { OutboxEntry } from './document.js';

/** What an update of a document writes. */
export interface ResourceUpdate {
  /** Names of the top-level attributes that change. */
  readonly changed: readonly string[];
  /** All attributes after the change. */
  readonly after: Attributes;
  /** As in `Write`. */
  readonly caseExact: ReadonlySet<string>;
  readonly modified: Date;
  /** New unique keys; undefined: they stay. */
  readonly unique: readonly string[] | undefined;
  /** The operators for the members. */
  readonly members: Document | undefined;
  readonly events: readonly OutboxEntry[];
}

/** The operators of an update. An operator without fields is an error in MongoDB before 5.0, and is left out. */
export function resourceUpdate(update: ResourceUpdate): Document {
  const { members = {}, unique, events, modified } = update;
  const { set, unset } = attributeUpdate(update.changed, update.after, update.caseExact);
  const { $set = {}, $push = {}, ...others } = members;
  return {
    ...others,
    ...operator('$set', { ...set, ...$set, ...(unique !== undefined && { unique }) }),
    ...operator('$unset', unset),
    ...operator('$push', { ...$push, ...(events.length > 0 && { outbox: { $each: events } }) }),
    $inc: { revision: 1 },
    // `lastModified` must not go back when the system clock does.
    $max: { modified },
  };
}

function operator(name: string, fields: Document): Document {
  return Object.keys(fields).length === 0 ? {} : { [name]: fields };
}
