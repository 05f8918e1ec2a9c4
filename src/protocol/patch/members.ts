import { InvalidValueError, MutabilityError } from '../../errors.js';
import { noMatch } from './change-values.js';
import type { Attribute } from '../../schema/attribute.js';
import { canonicalizeOne } from '../../schema/canonicalize.js';
import { withoutId } from '../../schema/distinct-values.js';
import type { Reading } from '../../schema/reading.js';
import { wrongValue } from '../../schema/value-mistakes.js';
import { isObject } from '../../contract/is-object.js';
import type { Member } from '../../contract/resource.js';
import type { TargetPath } from '../path.js';
import type { MemberStep, Operation } from './operation.js';
import type { ShowValue } from './shown.js';

/** What a PATCH does to the members of a group: no ID is in both lists. */
export interface MemberDelta {
  readonly add: readonly Member[];
  readonly remove: readonly string[];
  /** True: afterwards the members are exactly `add`. */
  readonly only: boolean;
}

/**
 * Resolves `add` or `replace` of `members`.
 *
 * @throws MutabilityError for a path to a part of a member: members cannot be changed (standards reading 37)
 * @throws InvalidValueError for a member without an ID
 */
export function resolveMemberChange(
  op: Operation,
  path: TargetPath,
  value: unknown,
  reading: Reading,
): MemberStep | undefined {
  refuseParts(path);
  const listed = op === 'add' ? unwrapMembers(value, reading) : value;
  const unassigned = listed === null || (listed === '' && reading.useQuirk('empty-string'));
  // A string is one member to add. As all members it would be a mistake: it is refused, as every text that is no list.
  const isId = op === 'add' && typeof listed === 'string' && !unassigned && reading.useQuirk('string-for-complex');
  const members = unassigned ? [] : readMembers(path.attribute, isId ? { value: listed } : listed, reading);
  if (op === 'replace') return { kind: 'replaceMembers', members };
  return members.length === 0 ? undefined : { kind: 'addMembers', members };
}

/**
 * Resolves `remove` of `members`: of those that match a filter, of those that `value` lists, or of all without either.
 *
 * @throws MutabilityError, InvalidValueError as `resolveMemberChange`
 */
export function resolveMemberRemoval(path: TargetPath, value: unknown, reading: Reading): MemberStep | undefined {
  const { attribute, filter } = path;
  if (path.sub !== undefined) refuseParts(path);
  if (filter !== undefined) {
    return filter.values === undefined
      ? { kind: 'removeMatchingMembers', attribute, filter }
      : { kind: 'removeMembers', ids: filter.values };
  }
  if (value === undefined) return { kind: 'replaceMembers', members: [] };
  // Standards reading 1: only the listed members are removed. A value that is no list never empties a group.
  if (!reading.useQuirk('remove-listed-values')) {
    throw new InvalidValueError('A remove operation must not have a value: select the members to remove in its path.');
  }
  const ids = readMembers(attribute, unwrapMembers(value, reading), reading).map((member) => member.value);
  return ids.length === 0 ? undefined : { kind: 'removeMembers', ids };
}

function refuseParts({ filter, sub }: TargetPath): void {
  if (filter === undefined && sub === undefined) return;
  throw new MutabilityError('A member cannot be changed: remove it and add another.');
}

// Salesforce wraps the list of members to add or to remove in an object of its own.
function unwrapMembers(value: unknown, { useQuirk }: Reading): unknown {
  if (!isObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name?.toLowerCase() !== 'members' || others.length > 0 || !Array.isArray(value[name])) return value;
  return useQuirk('wrapped-members') ? value[name] : value;
}

function readMembers(attribute: Attribute, value: unknown, reading: Reading): Member[] {
  if (!Array.isArray(value) && !isObject(value)) {
    throw wrongValue(attribute.path, 'type', `${attribute.path} must be a list of objects, or one object.`);
  }
  const members: Member[] = [];
  for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    const member = canonicalizeOne(attribute, one, reading);
    if (!isMember(member)) throw withoutId(attribute);
    members.push(member);
  }
  return members;
}

function isMember(value: unknown): value is Member {
  if (!isObject(value) || typeof value['value'] !== 'string' || value['value'].trim() === '') return false;
  return isTextOrAbsent(value['type']) && isTextOrAbsent(value['display']);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** Units for adding a member to a delta, or removing it. */
const unitsOfMember = 20;

function countOf(step: MemberStep): number {
  if (step.kind === 'removeMembers') return step.ids.length;
  return step.kind === 'removeMatchingMembers' ? 0 : step.members.length;
}

/** Folds the steps of a PATCH, in order, into one delta. */
export class MemberFold {
  readonly #added = new Map<string, Member>();
  readonly #removed = new Set<string>();
  #only = false;

  /**
   * @param stored the stored members; only `removeMatchingMembers` needs them
   * @param show returns a member as responses show it
   * @throws NoTargetError where a filter selects no member and the quirk `remove-without-match` is off
   */
  apply(
    step: MemberStep,
    stored: unknown,
    { useQuirk, work }: Pick<Reading, 'useQuirk' | 'work'>,
    show: ShowValue,
  ): void {
    work.spend(unitsOfMember * countOf(step));
    switch (step.kind) {
      case 'replaceMembers':
        this.#only = true;
        this.#added.clear();
        this.#removed.clear();
        this.#add(step.members);
        break;
      case 'addMembers':
        this.#add(step.members);
        break;
      case 'removeMembers':
        for (const id of step.ids) this.#remove(id);
        break;
      case 'removeMatchingMembers': {
        const { attribute, filter } = step;
        const matching = this.#current(stored).filter((member) => filter.matches(show(attribute, member), work));
        if (matching.length === 0 && !useQuirk('remove-without-match')) throw noMatch(attribute);
        for (const member of matching) this.#remove(member.value);
      }
    }
  }

  delta(): MemberDelta {
    return {
      add: [...this.#added.values()],
      remove: [...this.#removed],
      only: this.#only,
    };
  }

  #add(members: readonly Member[]): void {
    for (const member of members) {
      this.#removed.delete(member.value);
      if (!this.#added.has(member.value)) this.#added.set(member.value, member);
    }
  }

  #remove(id: string): void {
    this.#added.delete(id);
    if (!this.#only) this.#removed.add(id);
  }

  /** The members after the steps so far. */
  #current(stored: unknown): Member[] {
    const members = new Map(this.#added);
    if (!this.#only && Array.isArray(stored)) {
      for (const member of stored as readonly unknown[]) {
        if (isMember(member) && !this.#removed.has(member.value)) members.set(member.value, member);
      }
    }
    return [...members.values()];
  }
}
