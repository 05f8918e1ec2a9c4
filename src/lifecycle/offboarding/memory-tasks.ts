import type { Obligation, ObligationStore, Outcome, Return } from './tasks.js';

/** Obligations in memory: for tests and for one process that may forget. */
export function memoryObligationStore(): ObligationStore {
  // In the order in which they were added.
  const kept = new Map<string, Obligation>();
  const returns = new Map<string, Return>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  const put = (obligation: Obligation): void => void kept.set(keyOf(obligation.tenant, obligation.id), obligation);
  return {
    add(obligations) {
      for (const each of obligations) if (!kept.has(keyOf(each.tenant, each.id))) put(each);
    },
    claim(now, lease, limit) {
      const due = [...kept.values()].filter((each) => each.nextAttemptAt !== undefined && each.nextAttemptAt <= now);
      return due.slice(0, limit).map((each) => {
        const claimed = { ...each, attempts: each.attempts + 1, nextAttemptAt: now + lease };
        put(claimed);
        return claimed;
      });
    },
    report(obligation, outcome, now) {
      const current = kept.get(keyOf(obligation.tenant, obligation.id));
      if (current === undefined || current.state === 'settled' || current.attempts !== obligation.attempts)
        return false;
      put(after(current, outcome, now));
      return true;
    },
    returned(person, now) {
      const key = keyOf(person.tenant, person.personId);
      const known = returns.get(key);
      if (known === undefined || known.time < person.time) returns.set(key, person);
      for (const each of kept.values()) {
        if (each.tenant !== person.tenant || each.person.id !== person.personId || each.time > person.time) continue;
        if (each.undo || !(each.state === 'pending' || (each.state === 'done' && each.undoable))) continue;
        const next = each.state === 'done' ? now : each.nextAttemptAt;
        put({ ...each, undo: true, returnedAs: person.as, nextAttemptAt: next });
      }
    },
    lastReturn: (tenant, personId) => returns.get(keyOf(tenant, personId)),
    of: (tenant, personId, about) =>
      [...kept.values()].filter(
        (each) =>
          each.tenant === tenant &&
          each.person.id === personId &&
          (about === undefined || each.holder === about.holder) &&
          (about?.item === undefined || each.item?.id === about.item),
      ),
    list: (tenant, state, limit = 100) =>
      [...kept.values()].filter((each) => each.tenant === tenant && each.state === state).slice(0, limit),
    settle(tenant, id, by) {
      const current = kept.get(keyOf(tenant, id));
      if (current === undefined || (current.state !== 'pending' && current.state !== 'done')) return false;
      put({ ...current, state: 'settled', settledBy: by, nextAttemptAt: undefined });
      return true;
    },
  };
}

/** An obligation after an attempt. */
export function after(obligation: Obligation, outcome: Outcome, now: number): Obligation {
  switch (outcome.state) {
    case 'failed':
      return { ...obligation, error: outcome.error, nextAttemptAt: outcome.nextAttemptAt };
    case 'done': {
      const { undoable, note } = outcome;
      const nextAttemptAt = obligation.undo && undoable ? now : undefined;
      return { ...obligation, state: 'done', undoable, note, error: undefined, nextAttemptAt };
    }
    case 'undone':
    case 'cancelled':
      return { ...obligation, state: outcome.state, undoable: false, error: undefined, nextAttemptAt: undefined };
  }
}
