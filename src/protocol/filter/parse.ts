import { parse, type Filter as ParsedFilter } from 'scim2-parse-filter';
import type { Work } from '../../contract/work.js';
import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Attribute } from '../../schema/attribute.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Filter, FilterValue } from '../../contract/filter.js';
import { type Assertion, Binder } from './bind.js';
import { storedPart } from './build.js';
import type { Endpoints } from './derived.js';
import { compileFilter, compileValueFilter } from './compile.js';
import { isNeverStored } from './literal.js';
import { type Rewritten, rewriteFilter, rewriteValueFilter } from './rewrite.js';

export { compileFilter } from './compile.js';

/** How a filter is read. */
export interface FilterOptions {
  readonly limits: Limits;
  readonly useQuirk: UseQuirk;
  /** Public URL of the mount point, without a trailing slash: URLs of resources begin with it. */
  readonly base: string;
  /**
   * True in a query over several resource types: an attribute that this type lacks has no value (RFC 7644 3.4.2.1).
   * Otherwise such an attribute is an error. Default false.
   */
  readonly mixed?: boolean | undefined;
  /** Endpoints of all served types: URIs of references are made of them. Default: none. */
  readonly endpoints?: Endpoints | undefined;
  /** What reading a value path is charged to. Default: unlimited. */
  readonly work?: Work | undefined;
}

/** A filter of a query, bound to a resource type. */
export interface BoundFilter {
  /** What a store decides. */
  readonly filter: Filter;
  /**
   * Equalities that every match satisfies, by path, with normalized values. Any value of a multi-valued attribute
   * counts.
   */
  readonly equals: Readonly<Record<string, FilterValue>>;
  /** Evaluates `filter` in memory. @param work default: unlimited */
  matches(resource: Attributes, work?: Work): boolean;
  /**
   * The whole filter, where it compares `$ref` or display names of references, which no store keeps: `filter` is the
   * part of it that a store can decide.
   */
  readonly whole: WholeFilter | undefined;
}

/** A filter that is evaluated over resources whose references are complete, as responses show them. */
interface WholeFilter {
  readonly filter: Filter;
  /** @param work default: unlimited */
  matches(resource: Attributes, work?: Work): boolean;
}

/** The filter in the brackets of a value path, bound to the attribute before them. */
export interface ValueFilter {
  /** Its attributes are those of one value, as inside `some`. */
  readonly filter: Filter;
  /** Whether a value of the attribute satisfies the filter. */
  matches(value: unknown, work?: Work): boolean;
  /** Sub-attributes of a value that satisfies the filter, as the client wrote them. Only for a conjunction of `eq`. */
  readonly seed: Readonly<Record<string, unknown>> | undefined;
  /** The values of `value eq "x"`, or of an `or` of those. Only where `value` is caseExact. */
  readonly values: readonly string[] | undefined;
  /** True where the filter compares `$ref` or display name of a reference, which no store keeps: `matches` needs them. */
  readonly readsLookedUp: boolean;
}

/**
 * Reads a filter of a query (RFC 7644 3.4.2.2).
 *
 * @throws InvalidFilterError where the filter cannot be read, exceeds a limit, or does not fit the schema
 */
export function parseFilter(text: string, type: ResourceType, options: FilterOptions): BoundFilter {
  const rewritten = rewriteFilter(text, options);
  const bound = binder(rewritten, type, options);
  const whole = bound.bind(parseTree(rewritten));
  const filter = bound.lookedUp.size === 0 ? whole : storedPart(whole, bound.lookedUp);
  const equals: Record<string, FilterValue> = {};
  collectEquals(filter, equals);
  return {
    filter,
    equals,
    matches: compileFilter(filter),
    whole: bound.lookedUp.size === 0 ? undefined : { filter: whole, matches: compileFilter(whole) },
  };
}

/**
 * Reads the filter in the brackets of a value path.
 *
 * @param text the filter, without the brackets
 * @param attribute the multi-valued attribute before the brackets
 * @throws InvalidFilterError as `parseFilter`
 */
export function parseValueFilter(
  text: string,
  attribute: Attribute,
  type: ResourceType,
  options: FilterOptions,
): ValueFilter {
  options.work?.spend(unitsOfPath + text.length * unitsOfCharacter);
  const rewritten = rewriteValueFilter(text, options);
  const tree = parseTree(rewritten);
  const bound = binder(rewritten, type, options);
  const filter = bound.bindWithin(tree, attribute);
  return {
    filter,
    matches: compileValueFilter(filter, attribute),
    seed: isConjunction(tree) ? seedOf(bound.assertions, attribute) : undefined,
    values: valuesOf(filter, attribute),
    readsLookedUp: bound.lookedUp.size > 0,
  };
}

/** Units for reading a value path, and for each of its characters. */
const unitsOfPath = 100;
const unitsOfCharacter = 25;

function binder(rewritten: Rewritten, type: ResourceType, options: FilterOptions): Binder {
  const { useQuirk, base, mixed = false, endpoints = noEndpoints } = options;
  return new Binder(rewritten, { type, useQuirk, base, mixed, endpoints });
}

const noEndpoints: Endpoints = new Map();

// The parser sees none of the client's text: only generated words and numbers, and balanced brackets.
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

function isConjunction(tree: ParsedFilter): boolean {
  return tree.op === 'eq' || (tree.op === 'and' && tree.filters.every(isConjunction));
}

function seedOf(assertions: readonly Assertion[], within: Attribute): Readonly<Record<string, unknown>> | undefined {
  const seed: Record<string, unknown> = {};
  for (const { attribute, value } of assertions) {
    // A URI is derived from the id, and a value without sub-attributes has no parts to create it from.
    if (attribute.parent !== within || attribute.name === '$ref') return undefined;
    if (typeof value === 'string' && isNeverStored(value)) return undefined;
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
