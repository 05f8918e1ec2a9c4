/**
 * Whether the attribute at `path` is the top-level attribute `name`, or inside it: `name.familyName`,
 * `urn:example:params:scim:schemas:Asset:2.0:User:badge`.
 */
export function isWithin(path: string, name: string): boolean {
  const next = path[name.length];
  return path.startsWith(name) && (next === undefined || next === '.' || next === ':');
}
