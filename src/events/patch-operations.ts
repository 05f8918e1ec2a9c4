import type { ChangeEvent } from '../contract/event.js';
import { isObject } from '../contract/is-object.js';

/** One operation of a PATCH body (RFC 7644 3.5.2). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** The operations that bring about what an event of an update reports. */
export function patchOperations({ type, data }: ChangeEvent): readonly PatchOperation[] {
  if (!isObject(data)) return [];
  if (type === 'member.added') return [{ op: 'add', path: 'members', value: textsIn(data['members']).map(member) }];
  if (type === 'member.removed') {
    return textsIn(data['members']).map((id) => ({
      op: 'remove',
      path: `members[value eq ${JSON.stringify(id)}]`,
    }));
  }
  const before = isObject(data['before']) ? data['before'] : {};
  const after = isObject(data['after']) ? data['after'] : {};
  return [
    ...textsIn(data['unset']).flatMap((name) => removals(name, before[name])),
    ...Object.entries(after).flatMap(([name, value]) => assignments(name, value, before[name])),
  ];
}

/**
 * The attributes that an event names, as paths (RFC 7644 3.5.2): an attribute of an extension after the URN of its schema.
 */
export function changedPaths({ changed, data }: ChangeEvent): readonly string[] {
  const states = isObject(data) ? [data['before'], data['after']] : [];
  return changed.flatMap((name) => {
    if (!isUrn(name)) return [name];
    const names = states.flatMap((state) => (isObject(state) ? namesIn(state[name]) : []));
    return names.length === 0 ? [name] : [...new Set(names)].map((sub) => `${name}:${sub}`);
  });
}

/** A PATCH of a complex value leaves the sub-attributes that it does not name (RFC 7644 3.5.2.3): those are removed. */
function assignments(name: string, value: unknown, before: unknown): readonly PatchOperation[] {
  if (!isObject(value)) return [{ op: 'replace', path: name, value }];
  const gone = namesIn(before).filter((sub) => value[sub] === undefined);
  const join = isUrn(name) ? ':' : '.';
  return [
    ...gone.map((sub) => ({ op: 'remove' as const, path: `${name}${join}${sub}` })),
    // A URN alone is no path.
    ...(isUrn(name)
      ? Object.entries(value).map(([sub, each]) => ({ op: 'replace' as const, path: `${name}:${sub}`, value: each }))
      : [{ op: 'replace' as const, path: name, value }]),
  ];
}

function removals(name: string, before: unknown): readonly PatchOperation[] {
  if (!isUrn(name)) return [{ op: 'remove', path: name }];
  return namesIn(before).map((sub) => ({ op: 'remove', path: `${name}:${sub}` }));
}

function isUrn(name: string): boolean {
  return /^urn:/i.test(name);
}

function namesIn(value: unknown): readonly string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function member(value: string): { readonly value: string } {
  return { value };
}
