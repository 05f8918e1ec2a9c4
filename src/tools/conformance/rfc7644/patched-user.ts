import type { TestContext } from '../conformance-test.js';
import type { PatchOperation } from '../../wire/patch-operation.js';
import type { HttpResponse } from '../../wire/response.js';

export const success = [200, 204];

/** Creates a user, patches it, and returns the result of a read. */
export async function readPatched(
  ctx: TestContext,
  before: object,
  operations: readonly PatchOperation[],
): Promise<HttpResponse> {
  const user = await ctx.user(before);
  ctx.need(await ctx.patch(`/Users/${user.id}`, operations), success);
  return ctx.get(`/Users/${user.id}`);
}

/** The operations must be rejected, and change nothing. */
export async function rejects(
  ctx: TestContext,
  before: object,
  operations: readonly PatchOperation[],
  scimType: string | readonly string[],
): Promise<void> {
  const user = await ctx.user(before);
  ctx.refused(await ctx.patch(`/Users/${user.id}`, operations), 400, scimType);
  ctx.equal((await ctx.get(`/Users/${user.id}`)).body, user.body, 'the resource after the error');
}

export const twoMails = {
  emails: [
    { value: 'w@x.example', type: 'work', primary: true },
    { value: 'h@x.example', type: 'home' },
  ],
};
export const workMail = 'emails[type eq "work"]';
export const valuesOf = (response: HttpResponse): unknown =>
  response
    .list('emails')
    .map((email) => email['value'])
    .sort();
