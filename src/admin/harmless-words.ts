import { commonAttributes } from '../schema/core/common.js';
import { enterpriseUserSchema } from '../schema/core/enterprise-user.js';
import { groupSchema } from '../schema/core/group.js';
import { resourceTypeSchema } from '../schema/core/resource-type.js';
import { schemaSchema } from '../schema/core/schema.js';
import { serviceProviderConfigSchema } from '../schema/core/service-provider-config.js';
import { userSchema } from '../schema/core/user.js';
import type { AttributeDefinition, SchemaDefinition } from '../schema/definition.js';

/** Words that a schema or the protocol defines, in lower case: no personal data can be among them. */
export interface HarmlessWords {
  /** Names of attributes, and members of protocol messages. */
  readonly names: ReadonlySet<string>;
  /** URNs of schemas and messages. */
  readonly urns: ReadonlySet<string>;
  /** Values of `type`: canonical values (RFC 7643 4.1.2, 4.1.3) and data types (RFC 7643 2.3). */
  readonly types: ReadonlySet<string>;
}

const schemas: readonly SchemaDefinition[] = [
  ...[userSchema, groupSchema, enterpriseUserSchema],
  ...[resourceTypeSchema, schemaSchema, serviceProviderConfigSchema],
];

/** RFC 7644 3.4 to 3.12, and RFC 9865. */
const messageMembers = [
  ...['schemas', 'Resources', 'totalResults', 'itemsPerPage', 'startIndex', 'cursor', 'nextCursor', 'previousCursor'],
  ...['Operations', 'op', 'path', 'value', '$ref', 'method', 'bulkId', 'data', 'version', 'location', 'response'],
  ...['status', 'scimType', 'detail', 'failOnErrors', 'attributes', 'excludedAttributes', 'filter', 'sortBy'],
  ...['sortOrder', 'count'],
];

const messages = ['ListResponse', 'SearchRequest', 'PatchOp', 'BulkRequest', 'BulkResponse', 'Error'];

const types = [
  ...['work', 'home', 'other', 'mobile', 'fax', 'pager', 'photo', 'thumbnail', 'direct', 'indirect'],
  ...['User', 'Group', 'string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'complex', 'binary'],
];

/** @param additional schemas of the app, whose names are harmless too */
export function harmlessWords(additional: readonly SchemaDefinition[] = []): HarmlessWords {
  const all = [...schemas, ...additional];
  const names = [
    ...messageMembers,
    ...namesOf(commonAttributes),
    ...all.flatMap(({ attributes }) => namesOf(attributes)),
  ];
  const urns = [...all.map(({ id }) => id), ...messages.map((name) => `urn:ietf:params:scim:api:messages:2.0:${name}`)];
  return { names: lowerCase(names), urns: lowerCase(urns), types: lowerCase(types) };
}

function namesOf(attributes: readonly AttributeDefinition[]): string[] {
  return attributes.flatMap(({ name, subAttributes = [] }) => [name, ...namesOf(subAttributes)]);
}

function lowerCase(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.map((word) => word.toLowerCase()));
}
