import { isObject } from '../wire/json.js';

/** Value of an attribute as a client maps it. */
export type Value = string | boolean;

/**
 * What a client maps: values under paths, such as `name.givenName`, `emails[type eq "work"].value` and
 * `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
 */
export type Mapping = ReadonlyMap<string, Value>;

/** A parsed path of a mapping. */
export interface AttributePath {
  /** URN of its extension. */
  readonly extension: string | undefined;
  readonly attribute: string;
  /** `type` and `work` of `[type eq "work"]`. */
  readonly filter: { readonly name: string; readonly value: string } | undefined;
  readonly sub: string | undefined;
}

/** Parses a path. @throws TypeError when it is no path of a mapping */
export function attributePath(path: string): AttributePath {
  const parts = /^(?:(urn:.+):)?([\w$]+)(?:\[(\w+) eq "([^"]*)"\])?(?:\.([\w$]+))?$/i.exec(path);
  const attribute = parts?.[2];
  if (parts === null || attribute === undefined) throw new TypeError(`${path} is not a path of an attribute mapping`);
  const [, extension, , name, value, sub] = parts;
  return {
    extension,
    attribute,
    filter: name === undefined || value === undefined ? undefined : { name, value },
    sub,
  };
}

/** The value that a client finds at a path; undefined where there is none. Names are compared without case. */
export function valueAtPath(resource: unknown, path: string): unknown {
  const { extension, attribute, filter, sub } = attributePath(path);
  const parent = extension === undefined ? resource : member(resource, extension);
  let value = member(parent, attribute);
  if (filter !== undefined) {
    value = Array.isArray(value)
      ? value.find((each) => String(member(each, filter.name)).toLowerCase() === filter.value.toLowerCase())
      : undefined;
  }
  return sub === undefined ? value : member(value, sub);
}

function member(parent: unknown, name: string): unknown {
  if (!isObject(parent)) return undefined;
  if (Object.hasOwn(parent, name)) return parent[name];
  const other = Object.keys(parent).find((each) => each.toLowerCase() === name.toLowerCase());
  return other === undefined ? undefined : parent[other];
}

/** The resource that has the values of a mapping: the body of a creation or of a replacement. */
export function bodyOf(mapping: Mapping): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [path, value] of mapping) {
    const { extension, attribute, filter, sub } = attributePath(path);
    const parent = extension === undefined ? body : objectIn(body, extension);
    if (filter !== undefined) {
      const list = listIn(parent, attribute);
      let element = list.find((each) => each[filter.name] === filter.value);
      if (element === undefined) list.push((element = { [filter.name]: filter.value }));
      element[canonical(sub ?? 'value')] = value;
    } else if (sub !== undefined) objectIn(parent, attribute)[canonical(sub)] = value;
    else parent[attribute] = value;
  }
  return body;
}

/** `.Value` and `.Formatted` appear only in paths; bodies use the names of the schema. */
function canonical(sub: string): string {
  return sub.charAt(0).toLowerCase() + sub.slice(1);
}

function objectIn(parent: Record<string, unknown>, name: string): Record<string, unknown> {
  const created = (parent[name] ??= {});
  return created as Record<string, unknown>;
}

function listIn(parent: Record<string, unknown>, name: string): Record<string, unknown>[] {
  const created = (parent[name] ??= []);
  return created as Record<string, unknown>[];
}

/** The values that differ from those of the resource, or that it does not have: what a client would send. */
export function differences(resource: unknown, mapping: Mapping): Mapping {
  return new Map([...mapping].filter(([path, value]) => valueAtPath(resource, path) !== value));
}
