import type { RequestContext } from './request-context.js';
import type { EntityTags } from '../protocol/entity-tag.js';
import type { Attributes } from '../contract/attribute.js';
import type { WriteResult } from '../contract/store.js';
import { notFound } from './read.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';
import { checkVersion, eventsOf, guard, needsLook, singleVersion, untilWritten } from './write.js';

/** DELETE (RFC 7644 3.6): 204, and from then on 404. */
export async function remove(
  service: Service,
  served: ServedType,
  id: string,
  ifMatch: EntityTags | undefined,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const access = { operation: 'delete', resourceType: served.type.name, id } as const;
  await authorize(service, access, ctx);
  return untilWritten(
    async () => {
      let ifVersion = singleVersion(ifMatch);
      if (needsLook(ifMatch)) {
        const current = await service.deadlines.bound(served.store.get(id, new Set(), ctx), ctx);
        if (current === undefined) throw notFound(served);
        checkVersion(ifMatch, current);
        ifVersion = current.meta.version;
      }
      const guarded = await guard(
        service,
        served,
        { ...access, set: {}, unset: [], members: undefined },
        undefined,
        ctx,
      );
      ifVersion ??= guarded;
      const events = eventsOf(service, served, { operation: 'delete', set: {}, unset: [] }, ctx);
      // A store without an outbox need not say what the resource was.
      let result: WriteResult<Attributes> = { resource: { id, meta: never }, changed: true };
      const heard = (happened: WriteResult<Attributes>): ReturnType<typeof events.events> => {
        result = happened;
        return events.events(happened);
      };
      const removed = await service.deadlines.bound(served.store.delete(id, { ifVersion, events: heard }, ctx), ctx);
      if (!removed) throw notFound(served);
      events.publish(result);
      return { status: 204 };
    },
    ifMatch !== undefined,
    ctx,
  );
}

const never = { created: '', lastModified: '', version: '' };
