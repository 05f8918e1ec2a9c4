import type { SchemaDefinition } from '../schema/definition.js';

// The command line describes services by these too, and may import nothing but this module.
export type { AttributeDefinition, SchemaDefinition } from '../schema/definition.js';

/** What clients can do with the resources of a type. */
export type Operation = 'create' | 'read' | 'query' | 'replace' | 'patch' | 'delete';

/** A resource type, as far as an OpenAPI document says something about it. */
export interface DescribedType {
  readonly name: string;
  /** With its leading slash. */
  readonly endpoint: string;
  readonly description: string;
  readonly schema: SchemaDefinition;
  readonly extensions: readonly { readonly schema: SchemaDefinition; readonly required: boolean }[];
  /** True where resources have an externalId. */
  readonly externalId: boolean;
  readonly operations: ReadonlySet<Operation>;
  /** True where POST to `.search` of the endpoint is a query (RFC 7644 3.4.3). */
  readonly search: boolean;
  readonly sort: boolean;
  /** True where pages have cursors (RFC 9865). */
  readonly cursor: boolean;
  /** Statuses of a successful PATCH. */
  readonly patchStatuses: readonly (200 | 204)[];
}

/** A way to authenticate, of those that RFC 7643 5 names. */
export interface DescribedScheme {
  readonly type: string;
  readonly name: string;
  readonly description: string;
}

/** A service, as far as an OpenAPI document says something about it: of a configured router, or of discovery. */
export interface ServiceDescription {
  /** In the order of /ResourceTypes. */
  readonly types: readonly DescribedType[];
  readonly schemes: readonly DescribedScheme[];
  readonly documentationUri: string | undefined;
  /** Undefined where there is no /Bulk. */
  readonly bulk: { readonly maxOperations: number; readonly maxPayloadSize: number } | undefined;
  /** What clients can do with /Me. */
  readonly me: ReadonlySet<Operation>;
  /** True where a query of the root, over all types, is offered (RFC 7644 3.4.2.1). */
  readonly queryAll: boolean;
  /** The same as POST to /.search. */
  readonly searchAll: boolean;
  readonly etag: boolean;
  /** Results on a page without `count`; undefined where it is not known. */
  readonly defaultResults: number | undefined;
  readonly maxResults: number | undefined;
  /** True where discovery needs no credentials. */
  readonly publicDiscovery: boolean;
}
