import type { Attribute, AttributeTable } from './attribute.js';
import type { ResourceType } from './resource-type.js';

/** An attribute that was found by its name. */
export interface ResolvedAttribute {
  readonly attribute: Attribute;
  /** True where an extension's attribute was named without its URN (standards reading 43). */
  readonly unprefixed: boolean;
}

/**
 * Finds an attribute by its name in any notation of RFC 7644 3.10 and any letter case: `userName`,
 * `name.givenName`, `urn:...:User:name.givenName`, `urn:...:enterprise:2.0:User:manager.value`,
 * or an extension's bare URN, which names its container. URNs are matched as a whole, because the dots of their
 * versions separate no sub-attributes.
 *
 * A name without URN that the core schema lacks and exactly one extension has is found too, with `unprefixed` true.
 */
export function resolveAttribute(type: ResourceType, name: string): ResolvedAttribute | undefined {
  if (name.includes(':')) {
    const attribute = resolveQualified(type, name);
    return attribute && { attribute, unprefixed: false };
  }
  const attribute = resolveIn(type.attributes, name);
  if (attribute !== undefined) return { attribute, unprefixed: false };
  let found: Attribute | undefined;
  for (const { container } of type.extensions) {
    const candidate = resolveIn(container.attributes, name);
    if (candidate === undefined) continue;
    if (found !== undefined) return undefined;
    found = candidate;
  }
  return found && { attribute: found, unprefixed: true };
}

/**
 * The same name with a colon in place of a dot after the URN of a schema of the type (standards reading 52):
 * `urn:...:User.manager`. Undefined where there is no such dot.
 */
export function withColonAfterUrn(type: ResourceType, name: string): string | undefined {
  if (!name.includes(':')) return undefined;
  const folded = name.toLowerCase();
  let length = -1;
  for (const uri of type.uris.keys()) {
    if (uri.length > length && folded.startsWith(uri) && folded[uri.length] === '.') length = uri.length;
  }
  return length < 0 ? undefined : `${name.slice(0, length)}:${name.slice(length + 1)}`;
}

/** Names of schemas of which clients use the attributes: URNs and web addresses. */
const schemaName = /^(?:urn:[a-z0-9][a-z0-9-]{0,31}:|https?:\/\/)[\x21-\x7e]/i;

/**
 * Whether a PATCH path names an attribute of a schema that is none of the type, and no core schema of the RFC. Another
 * version of a schema that the type has is a mistake, and counts as none.
 */
export function isInUnknownSchema(path: string, type: ResourceType): boolean {
  const name = path.split('[', 1)[0] ?? '';
  if (!schemaName.test(name)) return false;
  const folded = name.toLowerCase();
  if (isForeignUri(folded)) return false;
  const unversioned = withoutVersion(folded);
  for (const uri of type.uris.keys()) {
    const known = withoutVersion(uri);
    if (unversioned.startsWith(known) && ['', ':', '.'].includes(unversioned.charAt(known.length))) return false;
  }
  return true;
}

function withoutVersion(uri: string): string {
  return uri.replace(/:\d{1,9}(?:\.\d{1,9})?(?=:|$)/, '');
}

/**
 * Whether a URN of the RFC, in lower case, can never belong to a resource of a type that does not have it: that of
 * another core resource, or of a message.
 */
export function isForeignUri(uri: string): boolean {
  return uri.startsWith('urn:ietf:params:scim:schemas:core:2.0:') || uri.startsWith('urn:ietf:params:scim:api:');
}

/** Whether the text is exactly the URN of the type's core schema. */
export function isCoreSchema(type: ResourceType, text: string): boolean {
  return text.toLowerCase() === type.schema.id.toLowerCase();
}

/** Finds `attribute` or `attribute.sub` in one table. */
export function resolveIn(table: AttributeTable, name: string): Attribute | undefined {
  const dot = name.indexOf('.');
  if (dot < 0) return table.get(name);
  const parent = table.get(name.slice(0, dot));
  return parent === undefined || parent.container ? undefined : parent.attributes.get(name.slice(dot + 1));
}

function resolveQualified(type: ResourceType, name: string): Attribute | undefined {
  const folded = name.toLowerCase();
  let best = -1;
  let found: Attribute | undefined;
  for (const [uri, container] of type.uris) {
    if (uri.length <= best || !folded.startsWith(uri)) continue;
    if (folded.length === uri.length) {
      best = uri.length;
      found = container;
    } else if (folded[uri.length] === ':') {
      best = uri.length;
      const rest = name.slice(uri.length + 1);
      const candidate = resolveIn(container === undefined ? type.attributes : container.attributes, rest);
      found = candidate?.container === true ? undefined : candidate;
    }
  }
  return found;
}
