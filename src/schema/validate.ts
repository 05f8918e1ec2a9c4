import type { ValidateFunction } from 'ajv';
import type { Awaitable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import { InvalidValueError } from '../errors.js';
import type { Attribute, AttributeTable } from './attribute.js';
import { createValueCheck, type ValueCheck } from './value-check.js';
import { userNameProblem } from './normalize.js';
import { hasPrimary, hasTwoPrimaries, twoPrimaries } from './primary.js';
import type { ResourceType } from './resource-type.js';
import { ValueMistakes } from './value-mistakes.js';
import { objectSchema } from './value-schema.js';

/**
 * Validates canonical values against a resource type; compiled at the first use.
 *
 * Only the first check of a process waits, for Ajv to load. A router that only reads never loads it.
 */
export interface Validator {
  /**
   * Checks a whole resource, as POST and PUT write it.
   *
   * @param mistakes those that were found before
   * @throws InvalidValueError naming every attribute that is missing or does not fit
   */
  resource(value: Values, mistakes?: ValueMistakes): Awaitable<void>;
  /**
   * Checks complete new values of some top-level attributes, as PATCH writes them.
   *
   * @throws InvalidValueError naming every attribute that does not fit
   */
  change(set: Values, mistakes?: ValueMistakes): Awaitable<void>;
}

type Values = Readonly<Record<string, unknown>>;

// Ajv takes longer to load than the rest of the library, and only writes need it. Bundlers follow this dynamic import;
// the build makes it a require.
const loadCompiler = () => import('./json-schema.js');
let compiler: Awaited<ReturnType<typeof loadCompiler>> | undefined;

/**
 * Makes the validator of a resource type.
 *
 * @param strict also checks formats that real clients often get wrong: URI references, country codes, RFC 8265 names
 */
export function createValidator(type: ResourceType, strict: boolean): Validator {
  const compiled: { resource?: ValidateFunction; change?: ValidateFunction } = {};
  let valueCheck: ValueCheck | undefined;
  const withPrimary = [...attributesWithPrimary(type.attributes)];
  const check = (kind: 'resource' | 'change', value: Values, earlier: ValueMistakes | undefined): Awaitable<void> => {
    if (compiler === undefined) {
      return loadCompiler().then((loaded) => {
        compiler = loaded;
        return check(kind, value, earlier);
      });
    }
    const { compileSchema } = compiler;
    const required = kind === 'resource';
    const validate = (compiled[kind] ??= compileSchema(objectSchema(type.attributes, { strict, required })));
    const fits = validate(value);
    const mistakes = earlier ?? new ValueMistakes();
    if (!fits) {
      valueCheck ??= createValueCheck({ strict }, compileSchema);
      valueCheck.check(type.attributes, value, required, mistakes);
    }
    for (const attribute of withPrimary) {
      const values = valueOf(attribute, value);
      if (Array.isArray(values) && hasTwoPrimaries(values)) {
        mistakes.add(attribute.path, 'value', twoPrimaries(attribute).message);
      }
    }
    const userName = value['userName'];
    if (typeof userName === 'string' && !mistakes.has('userName')) {
      const problem = userNameProblem(userName, strict);
      if (problem !== undefined) mistakes.add('userName', 'value', `userName ${problem}.`);
    }
    mistakes.throwIfAny();
    if (!fits) throw new InvalidValueError('The resource does not fit its schema.');
  };
  return {
    resource: (value, mistakes) => check('resource', value, mistakes),
    change: (set, mistakes) => check('change', set, mistakes),
  };
}

function* attributesWithPrimary(table: AttributeTable): Iterable<Attribute> {
  for (const attribute of table) {
    if (attribute.container) yield* attributesWithPrimary(attribute.attributes);
    else if (hasPrimary(attribute)) yield attribute;
  }
}

function valueOf({ name, parent }: Attribute, resource: Values): unknown {
  if (parent === undefined) return resource[name];
  const container = resource[parent.name];
  return isObject(container) ? container[name] : undefined;
}
