import type { Filter as ParsedFilter } from 'scim2-parse-filter';
import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { resolveAttribute, resolveIn } from '../../schema/notation.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { Comparison, Filter } from '../../contract/filter.js';
import { allOf, always, anyOf, holdsForNothing, negate, never, refOf, someValue } from './build.js';
import { derivedAttribute } from './derived.js';
import { readValue, type TypedValue } from './literal.js';
import type { Literal, Rewritten } from './rewrite.js';

/** What a filter is bound to. */
export interface BindOptions {
  readonly type: ResourceType;
  readonly useQuirk: UseQuirk;
  /** Public URL of the mount point, without a slash at its end. */
  readonly base: string | undefined;
  /** True where an attribute that the type lacks has no value, and is no error. */
  readonly mixed: boolean;
}

/** An equality as the client wrote it, its value typed but not prepared. */
export interface Assertion {
  readonly attribute: Attribute;
  readonly value: unknown;
}

/** Where the names of a condition are looked up. */
interface Scope {
  /** The attribute in whose brackets the condition stands. */
  readonly within: Attribute | undefined;
  /** True where `within` is multi-valued. */
  readonly inValue: boolean;
}

const noScope: Scope = { within: undefined, inValue: false };

/**
 * Binds a parsed filter to the schema: names to attributes, values to types, all of it to the operators of `Filter`.
 *
 * - `ne` is "not eq", of a multi-valued attribute too: no value equals (standards reading 12);
 * - `eq null` is "not present" (reading 13);
 * - a complex attribute that has a `value` stands for it (reading 14);
 * - an attribute that the type lacks is an error (reading 18), as is one that is never returned.
 */
export class Binder {
  readonly #options: BindOptions;
  readonly #rewritten: Rewritten;
  /** Equalities in the order of the text. */
  readonly assertions: Assertion[] = [];

  constructor(rewritten: Rewritten, options: BindOptions) {
    this.#rewritten = rewritten;
    this.#options = options;
  }

  /** @throws InvalidFilterError */
  bind(parsed: ParsedFilter): Filter {
    return this.#bind(parsed, noScope);
  }

  /** Binds what stands between the brackets behind an attribute. */
  bindWithin(parsed: ParsedFilter, within: Attribute): Filter {
    refuseHidden(within);
    if (within.path === 'schemas' || (within.type !== 'complex' && !within.multiValued)) {
      throw new InvalidFilterError(`${within.path} has no sub-attributes that a filter in brackets could name.`);
    }
    return this.#bind(parsed, { within, inValue: within.multiValued });
  }

  #bind(parsed: ParsedFilter, scope: Scope): Filter {
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

  /** True for a name that only other types of the query have. */
  #isForeign(word: string, scope: Scope): boolean {
    if (!this.#options.mixed || scope.within !== undefined) return false;
    return this.#resolve(this.#rewritten.names[Number(word.slice(1))] ?? '') === undefined;
  }

  /** Compares no value: it is not what it is compared with, and it is null. */
  #compareForeign(op: Comparison | 'ne', literal: Literal): Filter {
    return (op === 'eq') === (literal.kind === 'null') && (op === 'eq' || op === 'ne') ? always : never;
  }

  #bindValuePath(attribute: Attribute, inside: ParsedFilter): Filter {
    const filter = this.bindWithin(inside, attribute);
    if (attribute.multiValued) return someValue(refOf(attribute, false), filter);
    // One value, as `name` has: its conditions are plain ones, but they do not hold where there is no value at all.
    return holdsForNothing(filter) ? allOf([this.#present(attribute, noScope), filter]) : filter;
  }

  #present(attribute: Attribute, { inValue }: Scope): Filter {
    refuseHidden(attribute);
    const derived = derivedAttribute(attribute, inValue, this.#options);
    if (derived !== undefined) return derived.present;
    const visible = [...attribute.attributes].filter((sub) => !isHidden(sub));
    // Whether a part that is never returned has a value is not told by the whole either.
    if (visible.length < attribute.attributes.size) {
      return anyOf(visible.map((sub) => this.#present(sub, { within: attribute, inValue })));
    }
    return { op: 'present', attribute: refOf(attribute, inValue) };
  }

  #compare(named: Attribute, op: Comparison | 'ne', literal: Literal, scope: Scope): Filter {
    refuseHidden(named);
    if (literal.kind === 'null') {
      if (op !== 'eq' && op !== 'ne')
        throw new InvalidFilterError(`null can be compared with eq and ne, not with ${op}.`);
      const present = this.#present(named, scope);
      return op === 'ne' ? present : negate(present);
    }
    const attribute = valueOf(named);
    refuseHidden(attribute);
    const value = readValue(attribute, op, literal, this.#options.useQuirk);
    if (op === 'eq') this.assertions.push({ attribute, value: value.asserted });
    const filter = this.#condition(attribute, op === 'ne' ? 'eq' : op, value, scope);
    return op === 'ne' ? negate(filter) : filter;
  }

  #condition(attribute: Attribute, op: Comparison, { asserted, normalized }: TypedValue, { inValue }: Scope): Filter {
    if (normalized === undefined) return never;
    const derived = derivedAttribute(attribute, inValue, this.#options);
    if (derived !== undefined) return derived.compare(op, String(asserted));
    const { parent } = attribute;
    if (normalized !== false || attribute.name !== 'primary' || parent?.multiValued !== true) {
      return { op, attribute: refOf(attribute, inValue), value: normalized };
    }
    // RFC 7643 2.4: a value without `primary` is not the primary one.
    const notPrimary = negate({ op: 'eq', attribute: refOf(attribute, true), value: true });
    return inValue ? notPrimary : someValue(refOf(parent, false), notPrimary);
  }

  #literal(index: unknown): Literal {
    const literal = this.#rewritten.literals[Number(index)];
    if (literal === undefined) throw new InvalidFilterError('The filter cannot be read: a value is missing.');
    return literal;
  }

  #find(word: string, scope: Scope): Attribute {
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
  // RFC 7643 2.4: a value that has no sub-attributes is what `value` names.
  if (within.type !== 'complex') return name.toLowerCase() === 'value' ? within : undefined;
  return within.attributes.get(name);
}

/** Standards reading 14: a complex attribute stands for its `value` where it has one. */
function valueOf(attribute: Attribute): Attribute {
  if (attribute.type !== 'complex') return attribute;
  const value = attribute.container ? undefined : attribute.attributes.get('value');
  if (value !== undefined) return value;
  throw new InvalidFilterError(`${attribute.path} is complex: name one of its sub-attributes.`);
}

function isHidden(attribute: Attribute): boolean {
  return attribute.returned === 'never' || attribute.mutability === 'writeOnly';
}

// Comparing what is never shown would show it bit by bit (RFC 7643 7, "returned").
function refuseHidden(attribute: Attribute): void {
  if (isHidden(attribute) || (attribute.parent !== undefined && isHidden(attribute.parent))) {
    throw new InvalidFilterError(`${attribute.path} is never returned, and cannot be filtered on.`);
  }
}
