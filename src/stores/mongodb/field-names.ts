/**
 * Attribute names as names of fields. A path of MongoDB is split at its dots, and a URN holds some; a name that begins
 * with `$` is an operator, and one that begins with a digit is an index of an array. `@` and `_` are for the fields that
 * this store adds.
 */

const plain = /^[A-Za-z][A-Za-z0-9-]*(?:_[A-Za-z0-9_-]*)?$/;

const codes: readonly (readonly [character: string, code: string])[] = [
  ['~', '~0'],
  ['.', '~1'],
  ['$', '~2'],
  ['\0', '~3'],
  ['@', '~4'],
  ['_', '~5'],
];
const coded = new Map(codes);
const decoded = new Map([...codes.map(([character, code]) => [code, character] as const), ['~6', '']]);

/** The name of the field that keeps an attribute. */
export function fieldName(name: string): string {
  if (plain.test(name)) return name;
  if (name === '') return '~6';
  const written = name.replace(/[~.$\0@]|^_/g, (character) => coded.get(character) ?? character);
  return /^\d/.test(written) ? `~6${written}` : written;
}

/** The attribute of a field. */
export function attributeName(field: string): string {
  return field.includes('~') ? field.replace(/~[0-6]/g, (code) => decoded.get(code) ?? code) : field;
}

/** A path of fields, from one property name for each level. */
export function fieldPath(keys: readonly string[]): string {
  return keys.map(fieldName).join('.');
}

/** JSON with its names as names of fields. Properties that are undefined are left out. */
export function toFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toFields);
  const fields: [string, unknown][] = [];
  for (const [name, each] of Object.entries(value)) {
    if (each !== undefined) fields.push([fieldName(name), toFields(each)]);
  }
  return Object.fromEntries(fields);
}

/** JSON out of its fields: the same object where no name was changed. */
export function fromFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const values: readonly unknown[] = value;
    const read = values.map(fromFields);
    return read.every((each, i) => each === values[i]) ? values : read;
  }
  let isSame = true;
  const attributes: [string, unknown][] = [];
  for (const [field, each] of Object.entries(value)) {
    const name = attributeName(field);
    const attribute = fromFields(each);
    if (name !== field || attribute !== each) isSame = false;
    attributes.push([name, attribute]);
  }
  return isSame ? value : Object.fromEntries(attributes);
}
