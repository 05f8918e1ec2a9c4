import type { Clients, Told } from './workload.js';

/** Reads everything back and compares it with what clients were told. */
export async function verify(
  told: readonly Told[],
  groups: readonly { readonly id: string; readonly told: readonly Told[] }[],
  clients: Clients,
  url: string,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const found = new Map<string, Record<string, unknown>[]>();
  for (let start = 1; ; start += 200) {
    const page = await clients.until(
      'GET',
      `/Users?startIndex=${String(start)}&count=200&attributes=userName,title,active`,
      undefined,
      url,
    );
    const resources = page['Resources'] as Record<string, unknown>[];
    for (const user of resources) {
      const name = String(user['userName']);
      found.set(name, [...(found.get(name) ?? []), user]);
    }
    if (resources.length < 200) break;
  }
  for (const each of told) problems.push(...differences(each, found.get(each.userName) ?? []));
  for (const group of groups) {
    const { members } = await clients.until('GET', `/Groups/${group.id}`, undefined, url);
    const ids = ((members ?? []) as { readonly value: string }[]).map(({ value }) => value);
    const there = new Set(ids);
    if (there.size < ids.length) problems.push(`group ${group.id} names a member twice`);
    for (const { id, userName, member } of group.told) {
      if (id === undefined || member === 'unknown') continue;
      if (there.has(id) !== member) {
        problems.push(`${userName} ${member ? 'is lost from' : 'was removed and is still in'} its group`);
      }
    }
  }
  return problems;
}

function* differences(
  { userName, id, title, maybe, active, maybeActive }: Told,
  users: readonly Record<string, unknown>[],
): Iterable<string> {
  const [user] = users;
  if (users.length > 1) yield `${userName} is there ${String(users.length)} times`;
  if (id === undefined) return;
  if (user === undefined) yield `${userName} was acknowledged and is lost`;
  else if (user['id'] !== id) yield `${userName} has another id than was acknowledged`;
  else {
    const now = String(user['title']);
    if (now !== title && !maybe.has(now)) yield `${userName} has title ${now}, acknowledged was ${String(title)}`;
    const isActive = user['active'] === true;
    if (isActive !== active && !maybeActive.has(isActive))
      yield `${userName} has active ${String(isActive)}, acknowledged was ${String(active)}`;
  }
}
