import type { PatchOperation } from '../../wire/patch-operation.js';
import { bodyOf, type Mapping, type Value } from '../attribute.js';
import type { Member } from '../dialect.js';
import { fullName, type DirectoryUser } from '../directory.js';
import type { Outgoing } from '../session.js';
import { urn } from '../../wire/urn.js';

/** `/Users?filter=userName%20eq%20%22x%22`: how clients write a query. */
export function equals(attribute: string, value: string): string {
  return encodeURIComponent(`${attribute} eq ${JSON.stringify(value)}`);
}

/** The same with form encoding: a plus for a space. */
export function formEquals(attribute: string, value: string): string {
  return equals(attribute, value).replaceAll('%20', '+');
}

export function post(path: string, body: object): Outgoing {
  return { method: 'POST', path, body };
}

export function put(path: string, body: object): Outgoing {
  return { method: 'PUT', path, body };
}

export function patch(path: string, operations: readonly PatchOperation[]): Outgoing {
  return { method: 'PATCH', path, body: { schemas: [urn.patch], Operations: operations } };
}

/** A PATCH without `schemas`, which RFC 7644 3.5.2 requires. */
export function patchWithoutSchemas(path: string, operations: readonly PatchOperation[]): Outgoing {
  return { method: 'PATCH', path, body: { Operations: operations } };
}

export function remove(path: string): Outgoing {
  return { method: 'DELETE', path };
}

/** Members as most clients write them. */
export function values(members: readonly Member[]): readonly { readonly value: string }[] {
  return members.map(({ id }) => ({ value: id }));
}

/** A user body of mapped values; the work e-mail is the primary one. */
export function userBody(schemas: readonly string[], mapping: Mapping, more: object = {}): Record<string, unknown> {
  const body = bodyOf(mapping);
  const { emails } = body;
  if (Array.isArray(emails)) emails.forEach((email: object, place) => Object.assign(email, { primary: place === 0 }));
  return { schemas, ...body, ...more };
}

/** Path of an enterprise attribute. */
export const enterprise = (attribute: string): string => `${urn.enterprise}:${attribute}`;

/** A mapping of the defined values. */
export function mappingOf(pairs: Readonly<Record<string, Value | undefined>>): Mapping {
  return new Map(Object.entries(pairs).filter((pair): pair is [string, Value] => pair[1] !== undefined));
}

/** The names of a user, and the address. */
export function namesOf(user: DirectoryUser): Record<string, string> {
  return {
    userName: user.userName,
    'name.givenName': user.givenName,
    'name.familyName': user.familyName,
    displayName: fullName(user),
    'emails[type eq "work"].value': user.email,
  };
}

/** The items in parts of at most `size`. */
export function inParts<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, part) => items.slice(part * size, (part + 1) * size));
}
