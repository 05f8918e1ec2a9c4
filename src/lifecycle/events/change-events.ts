import { randomUUID } from 'node:crypto';
import type { ScimContext } from '../../contract/context.js';
import { isDeepEqual } from '../../schema/equal.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { Attributes, Json } from '../../contract/attribute.js';
import type { ChangeEvent } from '../../contract/event.js';
import type { WriteResult } from '../../contract/store.js';

/** What a write set out to do; with the store's result it becomes events. */
export interface IntendedChange {
  readonly operation: 'create' | 'update' | 'adopt' | 'delete';
  readonly set: Attributes;
  readonly unset: readonly string[];
  /** Of a creation: the deleted person who comes back. */
  readonly tombstone?: string | undefined;
}

/** The request that an event names as its cause, with the quirks that were applied to it. */
export type EventContext = ScimContext & { readonly quirks: readonly string[] };

/**
 * The events of a write, as a pure function of what really happened: a change of nothing has none.
 *
 * Types are `user.created`, `user.updated`, `user.deactivated`, `user.reactivated`, `user.deleted`, the same of
 * `group` and of every other type in lower case, and `member.added` and `member.removed` with a group's id; beside
 * them `user.adopted` for an account that was linked, `user.rehired` for a deleted person who came back.
 * typed-events.ts says what `data` holds.
 * Never-returned attributes are in no event.
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
  const changed = [...Object.keys(set), ...unset].filter((name) => reallyChanged(name, set, result));
  const emit = (event: string, names: readonly string[], data: Json): void => {
    events.push({
      id: randomUUID(),
      type: event,
      time: new Date().toISOString(),
      tenant: ctx.tenant,
      actor: ctx.actor.id,
      requestId: ctx.requestId,
      resourceType: type.name,
      resourceId: result.resource.id,
      changed: names,
      quirks: ctx.quirks,
      data,
    });
  };
  const shown = (values: Attributes): Json => visible(type, values);
  if (intended.operation === 'create') {
    emit(`${subject}.created`, changed, { after: shown(set) });
    if (intended.tombstone !== undefined) emit(`${subject}.rehired`, [], { tombstone: intended.tombstone });
  } else if (intended.operation === 'delete') {
    emit(`${subject}.deleted`, [], { before: shown(withoutMeta(result.resource)) });
  } else if (changed.length > 0) {
    const before = result.before === undefined ? undefined : shown(pick(result.before, changed));
    const after = shown(pick(set, changed));
    const data: Json = before === undefined ? { after, unset } : { before, after, unset };
    if (intended.operation === 'adopt') emit(`${subject}.adopted`, changed, data);
    if (changed.includes('active')) {
      const switched = set['active'] === false ? 'deactivated' : 'reactivated';
      // A user without `active` was not switched off, so losing or gaining the attribute switches nothing on.
      if (switched === 'deactivated' || result.before === undefined || result.before['active'] === false) {
        const state = { after: pick(set, ['active']) as Json };
        emit(
          `${subject}.${switched}`,
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

// Without the state before, everything that the write named counts as changed.
function reallyChanged(name: string, set: Attributes, result: WriteResult<Attributes>): boolean {
  return result.before === undefined || !isDeepEqual(result.before[name], set[name]);
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
