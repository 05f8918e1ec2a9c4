import { isObject } from '../contract/is-object.js';
import type { Extension, ScimRouterOptions } from '../options.js';
import { enterpriseUserSchema } from '../schema/core/enterprise-user.js';
import type { Mistakes } from './mistakes.js';
import { checkSchema } from './schema.js';

const page = 'options.md#extensions';

/** The extensions of the two resource types that every router can have. */
export interface ExtensionsByType {
  readonly User: readonly Extension[];
  readonly Group: readonly Extension[];
}

/** The default of `options.extensions`. */
export const defaultExtensions: ExtensionsByType = { User: [{ schema: enterpriseUserSchema }], Group: [] };

/** `options.extensions` with its default; what is wrong in it is left out. */
export function readExtensionsByType(value: ScimRouterOptions['extensions'], mistakes: Mistakes): ExtensionsByType {
  if (value === undefined || !isObject(value)) return defaultExtensions;
  const { User = [], Group = [], ...others } = value;
  for (const name of Object.keys(others)) {
    const remedy = 'Write User or Group here, and the extensions of other resource types in resourceTypes.';
    mistakes.add(`extensions has no resource type ${JSON.stringify(name)}. ${remedy}`, page);
  }
  return {
    User: checkExtensions(User, 'extensions.User', mistakes) ? User : [],
    Group: checkExtensions(Group, 'extensions.Group', mistakes) ? Group : [],
  };
}

/** Whether a value is a list of extensions; undefined is. */
export function checkExtensions(value: unknown, place: string, mistakes: Mistakes): boolean {
  if (value === undefined) return true;
  if (!Array.isArray(value)) {
    mistakes.add(`${place} must be a list: write [{ schema }].`, page);
    return false;
  }
  return value
    .map((extension: unknown, index) => checkExtension(extension, `${place}[${String(index)}]`, mistakes))
    .every(Boolean);
}

function checkExtension(extension: unknown, place: string, mistakes: Mistakes): boolean {
  if (!isObject(extension)) {
    mistakes.add(`${place} must be an object: write { schema }.`, page);
    return false;
  }
  mistakes.expectNames(Object.keys(extension), ['schema', 'required'], `${place}.`, page);
  const hasSchema = checkSchema(extension['schema'], `${place}.schema`, page, mistakes);
  return mistakes.expectKind(extension['required'], `${place}.required`, ['boolean'], page) && hasSchema;
}
