import { randomUUID } from 'node:crypto';
import type { ScimContext } from '../../contract/context.js';
import { isSameJson } from '../../schema/equal.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { Attributes, Json } from '../../contract/attribute.js';
import type { ChangeEvent } from '../../contract/event.js';
import type { WriteResult } from '../../contract/store.js';

/** The change that a write requested. `changeEvents` combines it with the store's result. */
export interface IntendedChange {
  readonly operation: 'create' | 'replace' | 'patch' | 'adopt' | 'delete';
  readonly set: Attributes;
  readonly unset: readonly string[];
  /** Only for `create`: the tombstone of the user who returns. */
  readonly tombstone?: string | undefined;
}

/** The request that caused the event, with the quirks that were applied to it. */
export type EventContext = ScimContext & { readonly quirks: readonly string[] };

/**
 * The events of a write, as a pure function of what the store changed. No-op writes emit no event.
 *
 * The types are `user.created`, `user.updated`, `user.deactivated`, `user.reactivated` and `user.deleted`, the same for
 * `group` and every other resource type in lower case, and `member.added` and `member.removed` with the group's ID.
 * `user.adopted` reports a linked account, `user.rehired` a deleted user who returned. typed-events.ts describes `data`.
 * No event contains an attribute whose `returned` is `never` (RFC 7643 7).
 */
export function changeEvents(
  type: ResourceType,
  intended: IntendedChange,
  result: WriteResult<Attributes>,
  ctx: EventContext,
): readonly ChangeEvent[] {
  if (!result.changed) return [];
  const events: ChangeEvent[] = [];
  const subject = type.name.toLowerCase();
  const { set, unset } = intended;
  const changed = [...Object.keys(set), ...unset].filter((name) => hasChanged(name, set, result));
  const details = detailsOf(intended, result);
  const emit = (event: string, names: readonly string[], data: Json): void => {
    const id = randomUUID();
    events.push({
      id,
      type: event,
      time: new Date().toISOString(),
      tenant: ctx.tenant,
      actor: ctx.actor.id,
      requestId: ctx.requestId,
      resourceType: type.name,
      resourceId: result.resource.id,
      changed: names,
      quirks: ctx.quirks,
      write: events[0]?.id ?? id,
      ...details,
      data,
    });
  };
  const dataOf = (values: Attributes): Json => visible(type, values);
  if (intended.operation === 'create') {
    emit(`${subject}.created`, changed, { after: dataOf(set) });
    if (intended.tombstone !== undefined) emit(`${subject}.rehired`, [], { tombstone: intended.tombstone });
  } else if (intended.operation === 'delete') {
    emit(`${subject}.deleted`, [], { before: dataOf(withoutMeta(result.resource)) });
  } else if (changed.length > 0) {
    const before = result.before === undefined ? undefined : dataOf(pick(result.before, changed));
    const after = dataOf(pick(set, changed));
    const data: Json = before === undefined ? { after, unset } : { before, after, unset };
    if (intended.operation === 'adopt') emit(`${subject}.adopted`, changed, data);
    if (changed.includes('active')) {
      const transition = set['active'] === false ? 'deactivated' : 'reactivated';
      // A user without `active` counts as active, so gaining or losing the attribute is no reactivation.
      if (transition === 'deactivated' || result.before === undefined || result.before['active'] === false) {
        const state = { after: pick(set, ['active']) as Json };
        emit(
          `${subject}.${transition}`,
          ['active'],
          result.before === undefined ? state : { before: pick(result.before, ['active']) as Json, ...state },
        );
      }
    }
    emit(`${subject}.updated`, changed, data);
  }
  if (result.added !== undefined && result.added.length > 0)
    emit('member.added', ['members'], { members: result.added });
  if (result.removed !== undefined && result.removed.length > 0) {
    emit('member.removed', ['members'], { members: result.removed });
  }
  return events;
}

/** What every event of the write says about it. */
function detailsOf(
  { operation, set, unset }: IntendedChange,
  { resource, before }: WriteResult<Attributes>,
): Pick<ChangeEvent, 'operation' | 'version' | 'externalId'> {
  const externalId =
    set['externalId'] ??
    (unset.includes('externalId') ? undefined : (resource['externalId'] ?? before?.['externalId']));
  return {
    operation: operation === 'adopt' ? 'patch' : operation,
    // Nothing has a version after its deletion.
    ...(operation !== 'delete' && { version: resource.meta.version }),
    ...(typeof externalId === 'string' && { externalId }),
  };
}

// Without `before`, every attribute that the write named counts as changed.
function hasChanged(name: string, set: Attributes, result: WriteResult<Attributes>): boolean {
  return result.before === undefined || !isSameJson(result.before[name], set[name]);
}

function pick(values: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}

function withoutMeta(resource: Attributes): Attributes {
  const { meta: _, ...rest } = resource;
  return rest;
}

function visible(type: ResourceType, values: Attributes): Json {
  const entries = Object.entries(values).filter(
    ([name]) => name === 'id' || type.attributes.get(name)?.returned !== 'never',
  );
  return Object.fromEntries(entries) as Json;
}
