/** A string attribute that `list` finds without a scan. An `Attribute` of a compiled resource type can be passed. */
export interface IndexedAttribute {
  /** Path of the attribute as in a filter, such as `emails.value`. */
  readonly path: string;
  readonly keys: readonly string[];
  readonly caseExact: boolean;
}

export const userNameIndex: IndexedAttribute = { path: 'userName', keys: ['userName'], caseExact: false };
export const emailIndex: IndexedAttribute = { path: 'emails.value', keys: ['emails', 'value'], caseExact: false };
export const externalIdIndex: IndexedAttribute = { path: 'externalId', keys: ['externalId'], caseExact: true };
export const displayNameIndex: IndexedAttribute = { path: 'displayName', keys: ['displayName'], caseExact: false };

/** The strings of an attribute in a resource, as they are stored. `keys` are those of the attribute. */
export function stringsAt(resource: unknown, keys: readonly string[]): readonly string[] {
  const found: string[] = [];
  collectStrings(resource, keys, 0, found);
  return found;
}

function collectStrings(value: unknown, keys: readonly string[], depth: number, found: string[]): void {
  if (Array.isArray(value)) {
    for (const each of value as readonly unknown[]) collectStrings(each, keys, depth, found);
    return;
  }
  const key = keys[depth];
  if (key === undefined) {
    if (typeof value === 'string') found.push(value);
  } else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    collectStrings((value as Readonly<Record<string, unknown>>)[key], keys, depth + 1, found);
  }
}
