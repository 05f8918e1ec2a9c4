import type { TestContext } from '../conformance-test.js';
import type { HttpResponse } from '../../wire/response.js';

/** Creates users, and returns a filter that matches only them; IDs are in the order of their names. */
export async function createUsers(
  ctx: TestContext,
  count: number,
  attributes: (i: number) => object = () => ({}),
): Promise<{ readonly filter: string; readonly ids: readonly string[]; readonly prefix: string }> {
  const prefix = ctx.unique('q');
  const ids: string[] = [];
  for (let i = 0; i < count; i++)
    ids.push((await ctx.user({ userName: `${prefix}-${String(i)}`, ...attributes(i) })).id);
  return { filter: `userName sw "${prefix}"`, ids, prefix };
}

export const idsOf = (response: HttpResponse): readonly unknown[] =>
  response.resources.map((resource) => resource['id']);
