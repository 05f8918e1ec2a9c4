import type { Filter as ParsedFilter } from 'scim2-parse-filter';
import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { resolveAttribute, resolveIn } from '../../schema/notation.js';
import { isLookedUp } from '../../schema/reference.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { Comparison, Filter } from '../../contract/filter.js';
import { allOf, always, anyOf, holdsWhenUnassigned, negate, never, refOf, someValue } from './build.js';
import { compileValueFilter } from './compile.js';
import { derivedAttribute, type Endpoints, schemasWhere } from './derived.js';
import { readValue, type TypedValue } from './literal.js';
import type { Literal, Rewritten } from './rewrite.js';

/** What a filter is bound to. */
export interface BindOptions {
  readonly type: ResourceType;
  readonly useQuirk: UseQuirk;
  /** Public URL of the mount point, without a trailing slash. */
  readonly base: string;
  /** Of all served types. */
  readonly endpoints: Endpoints;
  /** True: an attribute that the type lacks has no value. False: it is an error. */
  readonly mixed: boolean;
}

/** An equality as the client wrote it: the value is typed, but not normalized. */
export interface Assertion {
  readonly attribute: Attribute;
  readonly value: unknown;
}

/** Where the names of a condition are looked up. */
interface NameScope {
  /** The attribute whose brackets contain the condition. */
  readonly within: Attribute | undefined;
  /** True where `within` is multi-valued. */
  readonly inValue: boolean;
}

const noScope: NameScope = { within: undefined, inValue: false };

/**
 * Binds a parsed filter to the schema: names to attributes, values to types, operators to those of `Filter`.
 *
 * - `ne` means that any value differs, or that there is none (standards reading 12);
 * - `eq null` means "not present" (reading 13);
 * - a complex attribute that has a `value` means that `value` (reading 14);
 * - an attribute that the type lacks is an error (reading 18), and so is one that is never returned.
 */
export class Binder {
  readonly #options: BindOptions;
  readonly #rewritten: Rewritten;
  /** The equalities bound so far, in the order of the text. */
  readonly assertions: Assertion[] = [];
  /** Paths of what the filter compares and no store keeps: `$ref` and display name of references. */
  readonly lookedUp = new Set<string>();

  constructor(rewritten: Rewritten, options: BindOptions) {
    this.#rewritten = rewritten;
    this.#options = options;
  }

  /** @throws InvalidFilterError */
  bind(parsed: ParsedFilter): Filter {
    return this.#bind(parsed, noScope);
  }

  /** Binds the filter in the brackets after an attribute. @throws InvalidFilterError */
  bindWithin(parsed: ParsedFilter, within: Attribute): Filter {
    refuseHidden(within);
    if (within.type !== 'complex' && !within.multiValued) {
      throw new InvalidFilterError(`${within.path} has no sub-attributes that a filter in brackets could name.`);
    }
    return this.#bind(parsed, { within, inValue: within.multiValued });
  }

  #bind(parsed: ParsedFilter, scope: NameScope): Filter {
    switch (parsed.op) {
      case 'and':
        return allOf(parsed.filters.map((each) => this.#bind(each, scope)));
      case 'or':
        return anyOf(parsed.filters.map((each) => this.#bind(each, scope)));
      case 'not':
        return negate(this.#bind(parsed.filter, scope));
      case '[]':
        if (this.#isForeign(parsed.attrPath, scope)) return never;
        return this.#bindValuePath(this.#find(parsed.attrPath, scope), parsed.valFilter);
      case 'pr':
        if (this.#isForeign(parsed.attrPath, scope)) return never;
        return this.#present(this.#find(parsed.attrPath, scope), scope);
      default:
        if (this.#isForeign(parsed.attrPath, scope))
          return this.#compareForeign(parsed.op, this.#literal(parsed.compValue));
        return this.#compare(this.#find(parsed.attrPath, scope), parsed.op, this.#literal(parsed.compValue), scope);
    }
  }

  /** Whether only other resource types of the query have the name. */
  #isForeign(word: string, scope: NameScope): boolean {
    if (!this.#options.mixed || scope.within !== undefined) return false;
    return this.#resolve(this.#rewritten.names[Number(word.slice(1))] ?? '') === undefined;
  }

  /** A comparison of an unassigned attribute: `ne` holds for every value but null, `eq` only for null. */
  #compareForeign(op: Comparison | 'ne', literal: Literal): Filter {
    return (op === 'eq') === (literal.kind === 'null') && (op === 'eq' || op === 'ne') ? always : never;
  }

  #bindValuePath(attribute: Attribute, inside: ParsedFilter): Filter {
    const filter = this.bindWithin(inside, attribute);
    if (attribute.path === 'schemas') {
      const holds = compileValueFilter(filter, attribute);
      return schemasWhere(this.#options.type, (uri) => holds(uri));
    }
    if (attribute.multiValued) return someValue(refOf(attribute, false), filter);
    // A single-valued attribute such as `name` needs no `some`, but nothing holds for it where it is unassigned.
    return holdsWhenUnassigned(filter) ? allOf([this.#present(attribute, noScope), filter]) : filter;
  }

  #present(attribute: Attribute, { inValue }: NameScope): Filter {
    refuseHidden(attribute);
    this.#noteLookedUp(attribute);
    const derived = derivedAttribute(attribute, inValue, this.#options);
    if (derived !== undefined) return derived.present;
    const visible = [...attribute.attributes].filter((sub) => !isHidden(sub));
    // `pr` must not reveal whether a sub-attribute that is never returned has a value.
    if (visible.length < attribute.attributes.size) {
      return anyOf(visible.map((sub) => this.#present(sub, { within: attribute, inValue })));
    }
    return { op: 'present', attribute: refOf(attribute, inValue) };
  }

  #compare(named: Attribute, op: Comparison | 'ne', literal: Literal, scope: NameScope): Filter {
    refuseHidden(named);
    if (literal.kind === 'null') {
      if (op !== 'eq' && op !== 'ne')
        throw new InvalidFilterError(`null can be compared with eq and ne, not with ${op}.`);
      const present = this.#present(named, scope);
      return op === 'ne' ? present : negate(present);
    }
    const attribute = valueOf(named);
    refuseHidden(attribute);
    this.#noteLookedUp(attribute);
    const value = readValue(attribute, op, literal, this.#options.useQuirk);
    if (op === 'eq') this.assertions.push({ attribute, value: value.asserted });
    return op === 'ne' ? this.#differs(attribute, value, scope) : this.#condition(attribute, op, value, scope);
  }

  /** Standards reading 12: any value differs, or there is none. */
  #differs(attribute: Attribute, value: TypedValue, scope: NameScope): Filter {
    if (attribute.path === 'schemas' && !scope.inValue) {
      return schemasWhere(this.#options.type, (uri) => uri !== String(value.asserted));
    }
    const list = scope.inValue ? undefined : listOf(attribute);
    if (list === undefined) return this.#differsInValue(attribute, value, scope);
    const differs = this.#differsInValue(attribute, value, { within: list, inValue: true });
    return anyOf([negate(this.#present(list, noScope)), someValue(refOf(list, false), differs)]);
  }

  /** As `#differs`, for an attribute that has one value, or several inside one value of its parent. */
  #differsInValue(attribute: Attribute, value: TypedValue, scope: NameScope): Filter {
    const isList = attribute.multiValued && attribute.parent?.container === false;
    if (!isList) return negate(this.#condition(attribute, 'eq', value, scope));
    const absent = negate(this.#present(attribute, scope));
    const others: readonly Filter[] =
      typeof value.normalized === 'boolean'
        ? [this.#condition(attribute, 'eq', { asserted: !value.normalized, normalized: !value.normalized }, scope)]
        : // Every value differs from one that no resource can hold.
          value.normalized === undefined
          ? [this.#present(attribute, scope)]
          : [this.#condition(attribute, 'lt', value, scope), this.#condition(attribute, 'gt', value, scope)];
    return anyOf([absent, ...others]);
  }

  /** Standards reading 56: it is compared as responses show it. */
  #noteLookedUp(attribute: Attribute): void {
    if (isLookedUp(attribute)) this.lookedUp.add(attribute.path);
  }

  #condition(
    attribute: Attribute,
    op: Comparison,
    { asserted, normalized }: TypedValue,
    { inValue }: NameScope,
  ): Filter {
    if (normalized === undefined) return never;
    const derived = derivedAttribute(attribute, inValue, this.#options);
    if (derived !== undefined) return derived.compare(op, String(asserted));
    const { parent } = attribute;
    if (normalized !== false || attribute.name !== 'primary' || parent?.multiValued !== true) {
      return { op, attribute: refOf(attribute, inValue), value: normalized };
    }
    // RFC 7643 2.4: a value without `primary` is not primary.
    const notPrimary = negate({ op: 'eq', attribute: refOf(attribute, true), value: true });
    return inValue ? notPrimary : someValue(refOf(parent, false), notPrimary);
  }

  #literal(index: unknown): Literal {
    const literal = this.#rewritten.literals[Number(index)];
    if (literal === undefined) throw new InvalidFilterError('The filter cannot be read: a value is missing.');
    return literal;
  }

  #find(word: string, scope: NameScope): Attribute {
    const name = this.#rewritten.names[Number(word.slice(1))] ?? '';
    const { within } = scope;
    const attribute = within === undefined ? this.#resolve(name) : resolveWithin(within, name);
    if (attribute !== undefined) return attribute;
    throw new InvalidFilterError(
      within === undefined
        ? `The filter names an attribute that ${this.#options.type.name} does not have.`
        : `The filter names a sub-attribute that ${within.path} does not have.`,
    );
  }

  #resolve(name: string): Attribute | undefined {
    const found = resolveAttribute(this.#options.type, name);
    if (found === undefined) return undefined;
    return found.unprefixed && !this.#options.useQuirk('unprefixed-extension') ? undefined : found.attribute;
  }
}

function resolveWithin(within: Attribute, name: string): Attribute | undefined {
  if (within.container) return resolveIn(within.attributes, name);
  // RFC 7643 2.4: `value` names a value that has no sub-attributes.
  if (within.type !== 'complex') return name.toLowerCase() === 'value' ? within : undefined;
  return within.attributes.get(name);
}

/** Standards reading 14: a complex attribute means its `value`, where it has one. */
function valueOf(attribute: Attribute): Attribute {
  if (attribute.type !== 'complex') return attribute;
  const value = attribute.container ? undefined : attribute.attributes.get('value');
  if (value !== undefined) return value;
  throw new InvalidFilterError(`${attribute.path} is complex: name one of its sub-attributes.`);
}

/** The multi-valued attribute whose values a condition is about, one by one; undefined for a single-valued parent. */
function listOf(attribute: Attribute): Attribute | undefined {
  const { parent } = attribute;
  if (parent?.container === false) return parent.multiValued ? parent : undefined;
  return attribute.multiValued ? attribute : undefined;
}

function isHidden(attribute: Attribute): boolean {
  return attribute.returned === 'never' || attribute.mutability === 'writeOnly';
}

// Comparisons would reveal, bit by bit, a value that is never returned (RFC 7643 7, "returned").
function refuseHidden(attribute: Attribute): void {
  if (isHidden(attribute) || (attribute.parent !== undefined && isHidden(attribute.parent))) {
    throw new InvalidFilterError(`${attribute.path} is never returned, and cannot be filtered on.`);
  }
}
