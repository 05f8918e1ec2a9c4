import type { Document } from 'mongodb';
import type { AttributeRef } from '../../contract/attribute.js';
import type { Filter, FilterValue } from '../../contract/filter.js';
import { fieldPath } from './field-names.js';
import { orderedText } from './ordered-text.js';
import { dateField, nothingAssigned } from './searchable.js';

/** What a filter is compiled for. */
export interface FilterScope {
  /** Name of the resource type. */
  readonly type: string;
  /** The users below each group that the filter compares `groups.value` with, those of nested groups included. */
  readonly usersBelow: ReadonlyMap<string, readonly string[]>;
}

type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'not' | 'some' }>;

const always: Document = {};
const never: Document = { $nor: [{}] };

/**
 * Compiles a filter into a query that finds the same resources as the evaluator. `$nor` negates a condition that is true or
 * false, so `not` finds what the condition does not.
 *
 * @returns undefined when only the evaluator can decide the filter
 */
export function compileToQuery(filter: Filter, scope: FilterScope): Document | undefined {
  switch (filter.op) {
    case 'and':
    case 'or':
      return combine(
        filter.op,
        filter.filters.map((each) => compileToQuery(each, scope)),
      );
    case 'not':
      return negate(compileToQuery(filter.filter, scope));
    case 'some':
      return someValue(filter.attribute, filter.filter, scope);
    default:
      return leaf(filter, scope);
  }
}

/** A query that finds every match of a filter, and perhaps more; undefined when it would find everything. */
export function necessaryQuery(filter: Filter, scope: FilterScope): Document | undefined {
  if (filter.op !== 'and') return compileToQuery(filter, scope);
  const parts = filter.filters.flatMap((each) => necessaryQuery(each, scope) ?? []);
  return parts.length === 0 ? undefined : { $and: parts };
}

/** The groups whose users a filter needs: `FilterScope.usersBelow`. */
export function groupsComparedIn(filter: Filter): readonly string[] {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(groupsComparedIn);
    case 'not':
      return groupsComparedIn(filter.filter);
    case 'eq':
      return isAttribute(filter.attribute, 'groups', 'value') ? [String(filter.value)] : [];
    default:
      return [];
  }
}

function combine(op: 'and' | 'or', parts: readonly (Document | undefined)[]): Document | undefined {
  const decided = parts.filter((part) => part !== undefined);
  if (decided.length < parts.length) return undefined;
  const [first] = decided;
  if (first === undefined) return op === 'and' ? always : never;
  return decided.length === 1 ? first : { [op === 'and' ? '$and' : '$or']: decided };
}

function negate(inner: Document | undefined): Document | undefined {
  return inner === undefined ? undefined : { $nor: [inner] };
}

function isAttribute({ keys }: AttributeRef, ...names: readonly string[]): boolean {
  return keys.length === names.length && keys.every((key, i) => key === names[i]);
}

function leaf(filter: Leaf, scope: FilterScope): Document | undefined {
  const { attribute } = filter;
  const [top] = attribute.keys;
  if (top === 'members' && scope.type === 'Group') return memberCondition(filter);
  if (top === 'groups' && scope.type === 'User') return groupCondition(filter, scope);
  if (top === 'meta') return metaCondition(filter);
  if (isAttribute(attribute, 'id')) {
    return filter.op === 'present' ? always : { _id: textTest(filter.op, String(filter.value), escaped) };
  }
  return valueCondition(filter, `normalized.${fieldPath(attribute.keys)}`);
}

/** A condition on the values at a path. */
function valueCondition(filter: Leaf, path: string): Document {
  const { attribute } = filter;
  if (filter.op === 'present') return presence(attribute, path);
  const { op, value } = filter;
  if (typeof value === 'string') return { [path]: textTest(op, orderedText(value), escaped) };
  if (value instanceof Date) return { [dateField(path)]: numberTest(op, value.getTime()) };
  return { [path]: typeof value === 'boolean' ? { $eq: value } : numberTest(op, value) };
}

// Standards reading 48: null, "", [] and a complex value of only those are unassigned.
function presence({ type, multiValued }: AttributeRef, path: string): Document {
  switch (type) {
    case 'complex':
      return multiValued
        ? { [path]: { $elemMatch: { [nothingAssigned]: { $exists: false } } } }
        : { [path]: { $exists: true }, [`${path}.${nothingAssigned}`]: { $exists: false } };
    case 'boolean':
      return { [path]: { $in: [true, false] } };
    case 'integer':
    case 'decimal':
      return { [path]: { $type: 'number' } };
    default:
      return { [path]: { $gt: '' } };
  }
}

type Operator = Exclude<Leaf, { readonly op: 'present' }>['op'];

function textTest(op: Operator, text: string, pattern: (text: string) => string): Document {
  switch (op) {
    case 'co':
      return { $regex: pattern(text) };
    case 'sw':
      return { $regex: `^${pattern(text)}` };
    case 'ew':
      // `$` would also match before a line feed at the end.
      return { $regex: `${pattern(text)}\\z` };
    default:
      return { [`$${mongoOperator[op]}`]: text };
  }
}

const mongoOperator = { eq: 'eq', gt: 'gt', ge: 'gte', lt: 'lt', le: 'lte' } as const;

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

function numberTest(op: Operator, value: number): Document {
  // As in the evaluator: operators for parts of texts compare numbers for equality.
  const operator = op === 'co' || op === 'sw' || op === 'ew' ? 'eq' : mongoOperator[op];
  return { [`$${operator}`]: value };
}

function metaCondition(filter: Leaf): Document | undefined {
  const { attribute, op } = filter;
  const time = isAttribute(attribute, 'meta', 'created')
    ? 'created'
    : isAttribute(attribute, 'meta', 'lastModified')
      ? 'modified'
      : undefined;
  const isVersion = isAttribute(attribute, 'meta', 'version');
  if (time === undefined && !isVersion) return undefined;
  if (op === 'present') return always;
  if (time !== undefined) {
    return filter.value instanceof Date ? { [time]: dateTest(op, filter.value) } : undefined;
  }
  if (op !== 'eq') return undefined;
  const version = String(filter.value);
  return /^[1-9]\d{0,14}$/.test(version) ? { revision: Number(version) } : never;
}

function dateTest(op: Operator, value: Date): Document {
  const operator = op === 'co' || op === 'sw' || op === 'ew' ? 'eq' : mongoOperator[op];
  return { [`$${operator}`]: value };
}

/** A condition on one value of a multi-valued attribute. */
function someValue(attribute: AttributeRef, filter: Filter, scope: FilterScope): Document | undefined {
  const [top] = attribute.keys;
  if (top === 'members' && scope.type === 'Group') {
    const inner = insideMember(filter);
    return inner && { members: { $elemMatch: inner } };
  }
  if (top === 'groups' && scope.type === 'User') return undefined;
  if (top === 'meta' || attribute.type !== 'complex') return undefined;
  const inner = insideValue(filter, attribute.keys.length);
  const isPresent = { [nothingAssigned]: { $exists: false } };
  return { [`normalized.${fieldPath(attribute.keys)}`]: { $elemMatch: { $and: [isPresent, inner] } } };
}

/** @param depth how many keys lead to the value */
function insideValue(filter: Filter, depth: number): Document {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((each) => insideValue(each, depth));
      return combine(filter.op, parts) ?? never;
    }
    case 'not':
      return { $nor: [insideValue(filter.filter, depth)] };
    case 'some':
      return {
        [fieldPath(filter.attribute.keys.slice(depth))]: {
          $elemMatch: insideValue(filter.filter, filter.attribute.keys.length),
        },
      };
    default:
      return valueCondition(filter, fieldPath(filter.attribute.keys.slice(depth)));
  }
}

// Names of members are in other documents: only ids are compared here.
function memberCondition(filter: Leaf): Document | undefined {
  if (filter.op === 'present' && isAttribute(filter.attribute, 'members')) return hasMembers;
  const inner = insideMember(filter);
  return inner && { members: { $elemMatch: inner } };
}

const hasMembers: Document = { 'members.0': { $exists: true } };

function insideMember(filter: Filter): Document | undefined {
  if (filter.op === 'and' || filter.op === 'or') return combine(filter.op, filter.filters.map(insideMember));
  if (filter.op !== 'eq' && filter.op !== 'present') return undefined;
  if (!isAttribute(filter.attribute, 'members', 'value')) return undefined;
  return { value: filter.op === 'present' ? { $gt: '' } : memberId(filter.value) };
}

function memberId(value: FilterValue): string {
  return String(value);
}

// Members of nested groups are in the outer group too (RFC 7643 4.1.2: indirect).
function groupCondition(filter: Leaf, { usersBelow }: FilterScope): Document | undefined {
  if (filter.op !== 'eq' || !isAttribute(filter.attribute, 'groups', 'value')) return undefined;
  const ids = usersBelow.get(String(filter.value));
  return ids && { _id: { $in: ids } };
}
