import { isObject } from '../contract/is-object.js';
import type { CustomQuirk } from '../quirks/custom-quirk.js';
import { quirks } from '../quirks/quirks.js';
import type { Mistakes } from './mistakes.js';

const page = 'options.md#quirks';
const members = ['id', 'clients', 'section', 'request', 'operation'];

/** `options.quirks.custom`; what is wrong in it is left out. */
export function readCustomQuirks(value: unknown, mistakes: Mistakes): readonly CustomQuirk[] {
  if (value === undefined || !mistakes.expectKind(value, 'quirks.custom', ['list'], page)) return [];
  const ids = new Set<string>(quirks.map(({ id }) => id));
  return (value as readonly unknown[]).flatMap((quirk, index) => {
    const place = `quirks.custom[${String(index)}]`;
    if (!isCustomQuirk(quirk, place, mistakes)) return [];
    if (ids.has(quirk.id)) mistakes.add(`${place}.id ${JSON.stringify(quirk.id)} is taken: write another.`, page);
    ids.add(quirk.id);
    return [quirk];
  });
}

function isCustomQuirk(quirk: unknown, place: string, mistakes: Mistakes): quirk is CustomQuirk {
  if (!isObject(quirk)) {
    mistakes.add(`${place} must be a quirk: write defineQuirk({ id, clients, request }).`, page);
    return false;
  }
  mistakes.expectNames(Object.keys(quirk), members, `${place}.`, page);
  const { id, clients, section, request, operation } = quirk;
  const named = typeof id === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(id);
  if (!named) mistakes.add(`${place}.id must be lowercase letters, digits and hyphens, such as 'op-set'.`, page);
  const sent = Array.isArray(clients) && clients.length > 0 && clients.every((client) => typeof client === 'string');
  if (!sent) mistakes.add(`${place}.clients must be a list of names, such as ['Our directory'].`, page);
  const described = mistakes.expectKind(section, `${place}.section`, ['string'], page);
  const first = mistakes.expectKind(request, `${place}.request`, ['function'], page);
  const second = mistakes.expectKind(operation, `${place}.operation`, ['function'], page);
  const acts = request !== undefined || operation !== undefined;
  if (!acts) mistakes.add(`${place} does nothing: write request or operation.`, page);
  return named && sent && described && first && second && acts;
}
