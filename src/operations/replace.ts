import type { RequestContext } from './request-context.js';
import type { EntityTags } from '../protocol/entity-tag.js';
import { readResource } from '../schema/read-resource.js';
import type { Attributes } from '../contract/attribute.js';
import type { Stored } from '../contract/resource.js';
import { assertedPaths } from './asserted.js';
import { carryOver } from './carry-over.js';
import { isThenable } from '../contract/awaitable.js';
import type { SelectionParameters } from './projection-cache.js';
import { refuseTooMany } from './represent.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';
import { readCurrent, writeChange } from './update.js';
import { checkVersion, memberChange, needsLook, singleVersion, untilWritten } from './write.js';

/**
 * PUT (RFC 7644 3.5.1): what is given replaces what was; what is left out is cleared.
 *
 * Kept although left out: read-only and write-only attributes, and `active`, so that an omission neither suspends a
 * person nor brings one back (standards reading 11). Without immutable attributes it is one store call.
 */
export async function replace(
  service: Service,
  served: ServedType,
  id: string,
  body: unknown,
  requested: SelectionParameters,
  ifMatch: EntityTags | undefined,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const permitted = authorize(service, { operation: 'replace', resourceType: served.type.name, id }, ctx);
  if (isThenable(permitted)) await permitted;
  const { type } = served;
  const asserted = readResource(type, body, ctx.useQuirk);
  const fits = served.validator.resource(asserted);
  if (isThenable(fits)) await fits;
  const shown = served.projections.ofWrite(requested, () => assertedPaths(type, asserted));
  const { members: given, ...others } = asserted;
  const resource = served.memberDeltas ? others : asserted;
  const members = served.memberDeltas ? memberChange(service, given, true) : undefined;
  if (members !== undefined && shown.shows('members')) refuseTooMany(service, 'members', members.add.length);
  const look = needsLook(ifMatch) || served.carriesOver;
  return untilWritten(
    async () => {
      let current: Stored<Attributes> | undefined;
      let set: Attributes = resource;
      if (look) {
        current = await readCurrent(service, served, id, served.everything, ctx);
        checkVersion(ifMatch, current);
        set = carryOver(type, current, resource);
      }
      const change = {
        operation: 'replace',
        id,
        set,
        unset: leftOut(served, set),
        members,
        ifVersion: current?.meta.version ?? singleVersion(ifMatch),
        known: current,
      } as const;
      return writeChange(service, served, change, shown, ctx);
    },
    ifMatch !== undefined,
    ctx,
  );
}

function leftOut(served: ServedType, set: Attributes): string[] {
  const names: string[] = [];
  for (const { name, mutability } of served.type.attributes) {
    if (mutability === 'readOnly' || mutability === 'writeOnly' || name === 'schemas' || Object.hasOwn(set, name))
      continue;
    if (served.memberDeltas && name === 'members') continue;
    if (name === 'active' && served.type.name === 'User') continue;
    names.push(name);
  }
  return names;
}
