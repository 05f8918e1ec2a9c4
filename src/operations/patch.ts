import type { RequestContext } from './request-context.js';
import type { EntityTags } from '../protocol/entity-tag.js';
import { applyPatch } from '../protocol/patch/apply.js';
import { readPatch } from '../protocol/patch/read.js';
import type { MemberChange, Member, Selection, Stored, Attributes } from '../contract/index.js';
import { assertedPaths } from './asserted.js';
import { isThenable } from './deadlines.js';
import type { Wanted } from './projection-cache.js';
import { answerWith } from './represent.js';
import { type Answer, authorise, type Served, type Service } from './service.js';
import { readCurrent, writeChange } from './update.js';
import { checkVersion, needsLook, singleVersion, untilWritten } from './write.js';

/**
 * PATCH (RFC 7644 3.5.2).
 *
 * A change that does not depend on what is stored is one store call and never meets a conflict. Any other is worked
 * out from what was read and compared and swapped; it is retried until the request's time is over, unless the client
 * named the version.
 */
export async function patch(
  service: Service,
  served: Served,
  id: string,
  body: unknown,
  wanted: Wanted,
  ifMatch: EntityTags | undefined,
  ctx: RequestContext,
): Promise<Answer> {
  const permitted = authorise(service, { operation: 'patch', resourceType: served.type.name, id }, ctx);
  if (isThenable(permitted)) await permitted;
  const { memberDeltas } = served;
  const plan = readPatch(body, served.type, {
    limits: service.limits,
    tolerate: ctx.tolerate,
    locations: { base: ctx.base },
    paths: served.paths,
    memberDeltas,
    profile: service.strict,
  });
  const asksForBody = wanted.attributes !== undefined || wanted.excludedAttributes !== undefined;
  const bodiless = served.patchAnswer === 204 && !asksForBody;
  const look = plan.needsCurrent || plan.needsMembers || needsLook(ifMatch);
  const want = plan.needsMembers ? withMembers(served) : served.everything;
  return untilWritten(
    async () => {
      const current = look ? await readCurrent(service, served, id, want, ctx) : undefined;
      if (current !== undefined) checkVersion(ifMatch, current);
      const outcome = applyPatch(plan, current);
      const fits = served.validator.change(outcome.set);
      if (isThenable(fits)) await fits;
      const members: MemberChange | undefined = outcome.members && {
        add: outcome.members.add as readonly Member[],
        remove: outcome.members.remove,
        only: outcome.members.only,
        unknown: service.unknownMembers,
      };
      const shown = bodiless
        ? undefined
        : served.projections.ofWrite(wanted, () => assertedPaths(served.type, outcome.set));
      const change = {
        operation: 'patch',
        id,
        set: outcome.set,
        unset: outcome.unset,
        members,
        // What was worked out from what was read must find it so; what only names members need not.
        ifVersion:
          plan.needsCurrent || ifMatch !== undefined ? (current?.meta.version ?? singleVersion(ifMatch)) : undefined,
        known: current,
      } as const;
      if (current !== undefined && isNothing(change)) return unchanged(service, served, current, want, shown, ctx);
      return writeChange(service, served, change, shown, ctx);
    },
    ifMatch !== undefined,
    ctx,
  );
}

function isNothing(change: { set: Attributes; unset: readonly string[]; members: MemberChange | undefined }): boolean {
  if (change.members !== undefined || change.unset.length > 0) return false;
  for (const _ in change.set) return false;
  return true;
}

async function unchanged(
  service: Service,
  served: Served,
  current: Stored<Attributes>,
  want: Selection,
  shown: ReturnType<Served['projections']['get']> | undefined,
  ctx: RequestContext,
): Promise<Answer> {
  if (shown === undefined) return { status: 204 };
  // What was read to work the change out may lack the members that the answer shows.
  const lacksMembers = shown.want.has('members') && !want.has('members');
  const resource = lacksMembers ? await readCurrent(service, served, current.id, shown.want, ctx) : current;
  return answerWith(service, served, 200, resource, shown, ctx);
}

function withMembers(served: Served): Selection {
  return new Set([...served.everything, 'members']);
}
