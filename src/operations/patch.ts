import type { RequestContext } from './request-context.js';
import type { EntityTags } from '../protocol/entity-tag.js';
import { applyPatch } from '../protocol/patch/apply.js';
import { readPatch } from '../protocol/patch/read.js';
import type { MemberChange } from '../contract/store.js';
import type { Member, Stored } from '../contract/resource.js';
import type { Selection, Attributes } from '../contract/attribute.js';
import { assertedPaths } from './asserted.js';
import { isThenable } from '../contract/awaitable.js';
import type { SelectionParameters } from './projection-cache.js';
import { responseWith } from './represent.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';
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
  served: ServedType,
  id: string,
  body: unknown,
  requested: SelectionParameters,
  ifMatch: EntityTags | undefined,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const permitted = authorize(service, { operation: 'patch', resourceType: served.type.name, id }, ctx);
  if (isThenable(permitted)) await permitted;
  const { memberDeltas } = served;
  const plan = readPatch(body, served.type, {
    limits: service.limits,
    useQuirk: ctx.useQuirk,
    base: ctx.base,
    paths: served.paths,
    memberDeltas,
    profile: service.strict,
  });
  const asksForBody = requested.attributes !== undefined || requested.excludedAttributes !== undefined;
  const bodiless = served.patchStatus === 204 && !asksForBody;
  const look = plan.needsCurrent || plan.needsMembers || needsLook(ifMatch);
  const selection = plan.needsMembers ? withMembers(served) : served.everything;
  return untilWritten(
    async () => {
      const current = look ? await readCurrent(service, served, id, selection, ctx) : undefined;
      if (current !== undefined) checkVersion(ifMatch, current);
      const outcome = applyPatch(plan, current);
      const fits = served.validator.change(outcome.set);
      if (isThenable(fits)) await fits;
      const members: MemberChange | undefined = outcome.members && {
        add: outcome.members.add as readonly Member[],
        remove: outcome.members.remove,
        only: outcome.members.only,
        pending: service.pendingMembers,
      };
      const shown = bodiless
        ? undefined
        : served.projections.ofWrite(requested, () => assertedPaths(served.type, outcome.set));
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
      if (current !== undefined && isNothing(change)) return unchanged(service, served, current, selection, shown, ctx);
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
  served: ServedType,
  current: Stored<Attributes>,
  selection: Selection,
  shown: ReturnType<ServedType['projections']['get']> | undefined,
  ctx: RequestContext,
): Promise<ScimResponse> {
  if (shown === undefined) return { status: 204 };
  // What was read to work the change out may lack the members that the answer shows.
  const lacksMembers = shown.selection.has('members') && !selection.has('members');
  const resource = lacksMembers ? await readCurrent(service, served, current.id, shown.selection, ctx) : current;
  return responseWith(service, served, 200, resource, shown, ctx);
}

function withMembers(served: ServedType): Selection {
  return new Set([...served.everything, 'members']);
}
