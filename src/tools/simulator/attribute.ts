import { isObject } from '../wire/json.js';

/** Value of an attribute as a client maps it. */
export type Value = string | boolean;

/**
 * What a client maps: values under paths, such as `name.givenName`, `emails[type eq "work"].value` and
 * `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
 */
export type Mapping = ReadonlyMap<string, Value>;

/** A path of a mapping, taken apart. */
export interface AttributePath {
  /** URN of the extension that holds it. */
  readonly extension: string | undefined;
  readonly attribute: string;
  /** `type` and `work` of `[type eq "work"]`. */
  readonly filter: { readonly name: string; readonly value: string } | undefined;
  readonly sub: string | undefined;
}

/** Takes a path apart. @throws TypeError when it is no path of a mapping */
export function attributePath(path: string): AttributePath {
  const parts = /^(?:(urn:.+):)?([\w$]+)(?:\[(\w+) eq "([^"]*)"\])?(?:\.([\w$]+))?$/i.exec(path);
  const attribute = parts?.[2];
  if (parts === null || attribute === undefined) throw new TypeError(`${path} is no path of a mapping`);
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
  const holder = extension === undefined ? resource : member(resource, extension);
  let value = member(holder, attribute);
  if (filter !== undefined) {
    value = Array.isArray(value)
      ? value.find((each) => String(member(each, filter.name)).toLowerCase() === filter.value.toLowerCase())
      : undefined;
  }
  return sub === undefined ? value : member(value, sub);
}

function member(holder: unknown, name: string): unknown {
  if (!isObject(holder)) return undefined;
  if (Object.hasOwn(holder, name)) return holder[name];
  const other = Object.keys(holder).find((each) => each.toLowerCase() === name.toLowerCase());
  return other === undefined ? undefined : holder[other];
}

/** The resource that has the values of a mapping: the body of a creation or of a replacement. */
export function bodyOf(mapping: Mapping): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [path, value] of mapping) {
    const { extension, attribute, filter, sub } = attributePath(path);
    const holder = extension === undefined ? body : objectIn(body, extension);
    if (filter !== undefined) {
      const list = listIn(holder, attribute);
      let element = list.find((each) => each[filter.name] === filter.value);
      if (element === undefined) list.push((element = { [filter.name]: filter.value }));
      element[canonical(sub ?? 'value')] = value;
    } else if (sub !== undefined) objectIn(holder, attribute)[canonical(sub)] = value;
    else holder[attribute] = value;
  }
  return body;
}

/** `.Value` and `.Formatted` stand in paths only; bodies have the names of the schema. */
function canonical(sub: string): string {
  return sub.charAt(0).toLowerCase() + sub.slice(1);
}

function objectIn(holder: Record<string, unknown>, name: string): Record<string, unknown> {
  const made = (holder[name] ??= {});
  return made as Record<string, unknown>;
}

function listIn(holder: Record<string, unknown>, name: string): Record<string, unknown>[] {
  const made = (holder[name] ??= []);
  return made as Record<string, unknown>[];
}

/** What a client would send: values that differ from those of the resource, and those it does not have. */
export function differences(resource: unknown, mapping: Mapping): Mapping {
  return new Map([...mapping].filter(([path, value]) => valueAtPath(resource, path) !== value));
}
