import { parse, type Filter as ParsedFilter } from 'scim2-parse-filter';
import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Attribute } from '../../schema/attribute.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Filter, FilterValue } from '../../contract/filter.js';
import { type Assertion, Binder } from './bind.js';
import { compileFilter, compileValueFilter } from './compile.js';
import { type Rewritten, rewriteFilter, rewriteValueFilter } from './rewrite.js';

export { compileFilter } from './compile.js';

/** What is needed to read a filter. */
export interface FilterOptions {
  readonly limits: Limits;
  readonly useQuirk: UseQuirk;
  /**
   * Where resources are: `base` is the public URL of the mount point, without a slash at its end. With it URLs of
   * resources are compared whole; without it by their last segments, and with eq and ne only.
   */
  readonly locations?: { readonly base: string } | undefined;
  /** True in a query over several types: an attribute that this one lacks has no value (RFC 7644 3.4.2.1). Else it is an error. */
  readonly mixed?: boolean | undefined;
}

/** A filter of a query, bound to a resource type. */
export interface BoundFilter {
  readonly filter: Filter;
  /** Equalities that every match satisfies, by path, prepared; of a multi-valued attribute one of its values does. */
  readonly equals: Readonly<Record<string, FilterValue>>;
  /** Top-level attributes that the filter reads; of an extension its URN. */
  readonly attributes: ReadonlySet<string>;
  matches(resource: Attributes): boolean;
}

/** What stands in the brackets of a value path, bound to the attribute before them. */
export interface ValueFilter {
  /** Its attributes are those of single values, as inside `some`. */
  readonly filter: Filter;
  /** Whether one value of the attribute satisfies it. */
  matches(value: unknown): boolean;
  /** Where the filter is a conjunction of `eq`: the sub-attributes of a value that satisfies it, as the client wrote them. */
  readonly seed: Readonly<Record<string, unknown>> | undefined;
  /** Where the filter is `value eq "x"`, or an `or` of those, over a caseExact `value`: those values. */
  readonly values: readonly string[] | undefined;
}

/**
 * Reads a filter of a query (RFC 7644 3.4.2.2).
 *
 * @throws InvalidFilterError where it cannot be read, is over a limit, or asks what the schema cannot answer
 *
 * @example
 * const { matches } = parseFilter('userName eq "tove"', userType, { limits, tolerate });
 * users.filter(matches);
 */
export function parseFilter(text: string, type: ResourceType, options: FilterOptions): BoundFilter {
  const rewritten = rewriteFilter(text, options);
  const filter = binder(rewritten, type, options).bind(parseTree(rewritten));
  const equals: Record<string, FilterValue> = {};
  collectEquals(filter, equals);
  const attributes = new Set<string>();
  collectAttributes(filter, attributes);
  return { filter, equals, attributes, matches: compileFilter(filter) };
}

/**
 * Reads what stands between the brackets of a value path.
 *
 * @param text without the brackets
 * @param attribute the multi-valued attribute before them
 * @throws InvalidFilterError as `parseFilter`
 *
 * @example
 * parseValueFilter('type eq "work"', emails, userType, { limits, tolerate }).seed; // { type: 'work' }
 */
export function parseValueFilter(
  text: string,
  attribute: Attribute,
  type: ResourceType,
  options: FilterOptions,
): ValueFilter {
  const rewritten = rewriteValueFilter(text, options);
  const tree = parseTree(rewritten);
  const bound = binder(rewritten, type, options);
  const filter = bound.bindWithin(tree, attribute);
  return {
    filter,
    matches: compileValueFilter(filter, attribute),
    seed: isConjunction(tree) ? seedOf(bound.assertions, attribute) : undefined,
    values: valuesOf(filter, attribute),
  };
}

function binder(rewritten: Rewritten, type: ResourceType, { useQuirk, locations, mixed }: FilterOptions): Binder {
  return new Binder(rewritten, { type, useQuirk, base: locations?.base, mixed: mixed === true });
}

// Of the client's text nothing is left in what the parser sees: words and numbers, brackets in pairs.
function parseTree({ text }: Rewritten): ParsedFilter {
  try {
    return parse(text);
  } catch {
    throw new InvalidFilterError('The filter cannot be read.');
  }
}

function collectEquals(filter: Filter, found: Record<string, FilterValue>): void {
  if (filter.op === 'and') for (const each of filter.filters) collectEquals(each, found);
  else if (filter.op === 'some') collectEquals(filter.filter, found);
  else if (filter.op === 'eq' && !Object.hasOwn(found, filter.attribute.path))
    found[filter.attribute.path] = filter.value;
}

function collectAttributes(filter: Filter, found: Set<string>): void {
  switch (filter.op) {
    case 'and':
    case 'or':
      for (const each of filter.filters) collectAttributes(each, found);
      break;
    case 'not':
      collectAttributes(filter.filter, found);
      break;
    default:
      for (const top of filter.attribute.keys.slice(0, 1)) found.add(top);
  }
}

function isConjunction(tree: ParsedFilter): boolean {
  return tree.op === 'eq' || (tree.op === 'and' && tree.filters.every(isConjunction));
}

function seedOf(assertions: readonly Assertion[], within: Attribute): Readonly<Record<string, unknown>> | undefined {
  const seed: Record<string, unknown> = {};
  for (const { attribute, value } of assertions) {
    // A URI is derived from the id beside it, and a value without sub-attributes cannot be made from parts.
    if (attribute.parent !== within || attribute.name === '$ref') return undefined;
    if (Object.hasOwn(seed, attribute.name) && seed[attribute.name] !== value) return undefined;
    seed[attribute.name] = value;
  }
  return seed;
}

function valuesOf(filter: Filter, within: Attribute): readonly string[] | undefined {
  const value = within.attributes.get('value');
  if (value?.caseExact !== true) return undefined;
  const each = filter.op === 'or' ? filter.filters : [filter];
  const values = each.flatMap((one) =>
    one.op === 'eq' && one.attribute.path === value.path && typeof one.value === 'string' ? [one.value] : [],
  );
  return values.length === each.length ? values : undefined;
}
