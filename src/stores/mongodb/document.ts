import type { ClientSession, Collection, Document } from 'mongodb';
import type { Attributes, Selection } from '../../contract/attribute.js';
import type { Member, Stored } from '../../contract/resource.js';
import { fromFields } from './field-names.js';

/** A resource as a document of the collection. */
export interface ResourceDocument {
  readonly _id: string;
  readonly tenant: string;
  /** Name of the resource type, or `deletedType`. */
  readonly type: string;
  /** The version: counts the changes of the resource. */
  readonly revision: number;
  readonly created: Date;
  readonly modified: Date;
  /** The attributes, under the names of `fieldName`. Not `id`, `meta` and `members`. */
  readonly attributes?: Document;
  /** See `Searchable`. */
  readonly normalized?: Document;
  readonly leading?: Document;
  /** Bytes of the attributes as JSON. */
  readonly bytes?: number;
  /** Unique keys, see `unique-keys.ts`. */
  readonly unique: readonly string[];
  readonly members?: readonly Member[];
  /** Events that are not delivered yet, in their order. */
  readonly outbox?: readonly OutboxEntry[];
  /** Who delivers the events, and until when nobody else does. */
  readonly lease?: { readonly owner: string; readonly until: Date };
  /** Only a deleted resource: when its memberships are to be removed, for the first time or once more. */
  readonly due?: Date;
  /** Only a deleted resource: whether its memberships were removed once. */
  readonly swept?: boolean;
}

/** A saved event. */
export interface OutboxEntry {
  /** Sorts as the events were saved. */
  readonly place: string;
  /** The event as JSON. */
  readonly event: string;
}

/** The `type` of a resource that is deleted. No resource type has this name. */
export const deletedType = '-';

/** The resources of one tenant. */
export interface TenantScope {
  readonly resources: Collection<ResourceDocument>;
  readonly tenant: string;
  /** The session of the transaction that a statement belongs to; undefined: it stands for itself. */
  readonly session?: ClientSession | undefined;
}

/** The option `session` of the driver. */
export function inSession({ session }: TenantScope): { session?: ClientSession } {
  return session === undefined ? {} : { session };
}

/** The fields that a resource is read from. */
export function projectionFor(selection: Selection): Readonly<Record<string, 1>> {
  const fields = { revision: 1, created: 1, modified: 1, attributes: 1, bytes: 1 } as const;
  return selection.has('members') ? { ...fields, members: 1 } : fields;
}

/** The fields of a document that `toStored` reads. */
export type ReadDocument = Pick<
  ResourceDocument,
  '_id' | 'revision' | 'created' | 'modified' | 'attributes' | 'members' | 'bytes'
>;

/** The attributes in a document. */
export function attributesOf({ attributes }: Pick<ResourceDocument, 'attributes'>): Attributes {
  return fromFields(attributes ?? {}) as Attributes;
}

/** The resource in a document. @param isGroup whether the type has members */
export function toStored<R>(document: ReadDocument, selection: Selection, isGroup: boolean): Stored<R> {
  const { _id, created, modified, revision, members = [] } = document;
  const resource = {
    ...attributesOf(document),
    ...(isGroup && selection.has('members') && { members }),
    id: _id,
    meta: { created, lastModified: modified, version: String(revision) },
  };
  return resource as unknown as Stored<R>;
}
