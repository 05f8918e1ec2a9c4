/**
 * Mistakes in filters: an evaluator as an author writes it, with two of them built in on request.
 */
import type { AttributeRef, Filter, ListQuery, Stored } from 'express-scim';
import { normalize } from '../../../src/schema/normalize.js';
import { Table } from './sound-store.js';

interface Mistakes {
  /** Each part of `some` may be satisfied by another value. */
  readonly someOfAnyValue?: boolean;
  /** `not` over several values holds when one of them does not satisfy. */
  readonly notOfAnyValue?: boolean;
  /** Text is compared as it was sent. */
  readonly caseSensitive?: boolean;
  /** `ew` and `co` are taken for `sw`. */
  readonly prefixOnly?: boolean;
  /** `%` and `_` of a literal are wildcards, as in an unescaped LIKE. */
  readonly wildcards?: boolean;
}

type Leaf = Extract<Filter, { readonly attribute: AttributeRef; readonly value: unknown }>;

/** Whether a resource, or within `some` one value of an attribute, satisfies the filter. */
function satisfies(resource: unknown, filter: Filter, mistakes: Mistakes = {}, depth = 0): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((each) => satisfies(resource, each, mistakes, depth));
    case 'or':
      return filter.filters.some((each) => satisfies(resource, each, mistakes, depth));
    case 'not':
      return mistakes.notOfAnyValue === true && 'attribute' in filter.filter && filter.filter.op !== 'some'
        ? valuesOf(resource, filter.filter.attribute, depth).some((value) => !holds(value, filter.filter, mistakes))
        : !satisfies(resource, filter.filter, mistakes, depth);
    case 'some': {
      const values = valuesOf(resource, filter.attribute, depth);
      const inner = filter.filter;
      return mistakes.someOfAnyValue === true && inner.op === 'and'
        ? inner.filters.every((each) => values.some((value) => satisfies(value, each, mistakes, depth + 1)))
        : values.some((value) => satisfies(value, inner, mistakes, depth + 1));
    }
    default:
      return valuesOf(resource, filter.attribute, depth).some((value) => holds(value, filter, mistakes));
  }
}

// `depth` keys lead to the value that `some` stands at.
function valuesOf(from: unknown, { keys, type }: AttributeRef, depth: number): readonly unknown[] {
  let values: readonly unknown[] = [from];
  for (const key of keys.slice(depth)) {
    values = values.flatMap((value) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, unknown>>)[key]
        : [],
    );
  }
  const dates = (value: unknown): unknown =>
    type === 'dateTime' && !(value instanceof Date) ? new Date(String(value)) : value;
  return values.filter((value) => value !== undefined && value !== null).map(dates);
}

function holds(value: unknown, filter: Filter, mistakes: Mistakes): boolean {
  if (filter.op === 'present') return isPresent(value);
  if (!('value' in filter)) return false;
  return compared(value, filter, mistakes);
}

// RFC 7643 2.5: an object of nothing but empty values is unassigned.
function isPresent(value: unknown): boolean {
  if (value instanceof Date || typeof value !== 'object') return value !== undefined && value !== '';
  return value !== null && Object.values(value).some(isPresent);
}

function compared(value: unknown, { op, attribute, value: asked }: Leaf, mistakes: Mistakes): boolean {
  if (typeof value === 'string' && typeof asked === 'string') {
    const text = normalize(mistakes.caseSensitive === true ? { ...attribute, caseExact: true } : attribute, value);
    if (mistakes.wildcards === true && (op === 'co' || op === 'ew' || op === 'sw')) return isLike(text, op, asked);
    if (op === 'co' || op === 'ew') {
      if (mistakes.prefixOnly === true) return text.startsWith(asked);
      return op === 'co' ? text.includes(asked) : text.endsWith(asked);
    }
    return op === 'sw' ? text.startsWith(asked) : ordered(text, op, asked);
  }
  return ordered(value instanceof Date ? value.getTime() : value, op, asked instanceof Date ? asked.getTime() : asked);
}

function isLike(text: string, op: 'co' | 'ew' | 'sw', asked: string): boolean {
  const pattern = asked
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`${op === 'sw' ? '^' : ''}${pattern}${op === 'ew' ? '$' : ''}`, 's').test(text);
}

function ordered(value: unknown, op: Leaf['op'], asked: string | number | boolean): boolean {
  if (typeof value !== typeof asked) return false;
  const [a, b] = [value as typeof asked, asked];
  if (op === 'eq') return a === b;
  if (op === 'gt') return a > b;
  if (op === 'ge') return a >= b;
  if (op === 'lt') return a < b;
  return op === 'le' && a <= b;
}

class Evaluating<R extends object> extends Table<R> {
  protected readonly mistakes: Mistakes = {};

  protected override matches({ filter }: ListQuery<R>, resource: Stored<R>): boolean {
    return filter === undefined || satisfies(resource, filter, this.mistakes);
  }
}

/** No mistake: shows that the evaluator itself keeps the rules. */

export class SomeOfAnyValue<R extends object> extends Evaluating<R> {
  protected override readonly mistakes = { someOfAnyValue: true };
}

export class NotOfAnyValue<R extends object> extends Evaluating<R> {
  protected override readonly mistakes = { notOfAnyValue: true };
}

export class CaseSensitiveFilter<R extends object> extends Evaluating<R> {
  protected override readonly mistakes = { caseSensitive: true };
}

export class PrefixOnly<R extends object> extends Evaluating<R> {
  protected override readonly mistakes = { prefixOnly: true };
}

export class Wildcards<R extends object> extends Evaluating<R> {
  protected override readonly mistakes = { wildcards: true };
}

export class FilterIgnored<R extends object> extends Table<R> {
  protected override matches({ equals }: ListQuery<R>, resource: Stored<R>): boolean {
    return equals['id'] === undefined || equals['id'] === resource.id;
  }
}

export class EqualsOnly<R extends object> extends Table<R> {
  protected override matches({ equals, filter }: ListQuery<R>, resource: Stored<R>): boolean {
    // `equals` taken for the whole filter: it holds what an index can use, and no more.
    const filters = filter === undefined || Object.keys(equals).length === 0 ? undefined : equalitiesIn(filter, equals);
    return filters === undefined || filters.every((each) => satisfies(resource, each));
  }
}

function equalitiesIn(filter: Filter, equals: ListQuery<never>['equals']): readonly Filter[] {
  if (filter.op === 'eq') return Object.hasOwn(equals, filter.attribute.path) ? [filter] : [];
  return filter.op === 'and' ? filter.filters.flatMap((each) => equalitiesIn(each, equals)) : [];
}
