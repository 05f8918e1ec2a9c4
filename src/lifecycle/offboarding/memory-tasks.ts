import type { OffboardingTask, OffboardingTaskStore, Outcome, Return } from './tasks.js';

/** Obligations in memory: for tests and for one process that may forget. */
export function memoryOffboardingTaskStore(): OffboardingTaskStore {
  // In the order in which they were added.
  const kept = new Map<string, OffboardingTask>();
  const returns = new Map<string, Return>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  const put = (task: OffboardingTask): void => void kept.set(keyOf(task.tenant, task.id), task);
  return {
    add(tasks) {
      for (const each of tasks) if (!kept.has(keyOf(each.tenant, each.id))) put(each);
    },
    claim(now, lease, limit) {
      const due = [...kept.values()].filter((each) => each.nextAttemptAt !== undefined && each.nextAttemptAt <= now);
      return due.slice(0, limit).map((each) => {
        const claimed = { ...each, attempts: each.attempts + 1, nextAttemptAt: now + lease };
        put(claimed);
        return claimed;
      });
    },
    report(task, outcome, now) {
      const current = kept.get(keyOf(task.tenant, task.id));
      if (current === undefined || current.state === 'settled' || current.attempts !== task.attempts) return false;
      put(after(current, outcome, now));
      return true;
    },
    returned(person, now) {
      const key = keyOf(person.tenant, person.userId);
      const known = returns.get(key);
      if (known === undefined || known.time < person.time) returns.set(key, person);
      for (const each of kept.values()) {
        if (each.tenant !== person.tenant || each.person.id !== person.userId || each.time > person.time) continue;
        if (each.undo || !(each.state === 'pending' || (each.state === 'done' && each.undoable))) continue;
        const next = each.state === 'done' ? now : each.nextAttemptAt;
        put({ ...each, undo: true, returnedAs: person.as, nextAttemptAt: next });
      }
    },
    lastReturn: (tenant, userId) => returns.get(keyOf(tenant, userId)),
    of: (tenant, userId, about) =>
      [...kept.values()].filter(
        (each) =>
          each.tenant === tenant &&
          each.person.id === userId &&
          (about === undefined || each.handler === about.handler) &&
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
export function after(task: OffboardingTask, outcome: Outcome, now: number): OffboardingTask {
  switch (outcome.state) {
    case 'failed':
      return { ...task, error: outcome.error, nextAttemptAt: outcome.nextAttemptAt };
    case 'done': {
      const { undoable, note } = outcome;
      const nextAttemptAt = task.undo && undoable ? now : undefined;
      return { ...task, state: 'done', undoable, note, error: undefined, nextAttemptAt };
    }
    case 'undone':
    case 'canceled':
      return { ...task, state: outcome.state, undoable: false, error: undefined, nextAttemptAt: undefined };
  }
}
