import { type OffboardingTask, type OffboardingTaskStore, type ReturnedUser, taskAfter } from './tasks.js';

/**
 * Keeps the tasks of off-boarding in memory: for tests, and for a single process that may lose them on restart.
 *
 * @example
 * import { memoryOffboardingTaskStore } from 'express-scim/lifecycle';
 *
 * export const store = memoryOffboardingTaskStore();
 */
export function memoryOffboardingTaskStore(): OffboardingTaskStore {
  // In insertion order.
  const tasks = new Map<string, OffboardingTask>();
  const returns = new Map<string, ReturnedUser>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  const put = (task: OffboardingTask): void => void tasks.set(keyOf(task.tenant, task.id), task);
  return {
    add(added) {
      for (const task of added) if (!tasks.has(keyOf(task.tenant, task.id))) put(task);
    },
    claim(now, leaseMilliseconds, limit) {
      const due = [...tasks.values()].filter((task) => task.nextAttemptAt !== undefined && task.nextAttemptAt <= now);
      return due.slice(0, limit).map((task) => {
        const claimed = { ...task, attempts: task.attempts + 1, nextAttemptAt: now + leaseMilliseconds };
        put(claimed);
        return claimed;
      });
    },
    report(task, outcome, now) {
      const current = tasks.get(keyOf(task.tenant, task.id));
      if (current === undefined || current.state === 'settled' || current.attempts !== task.attempts) return false;
      put(taskAfter(current, outcome, now));
      return true;
    },
    returned(user, now) {
      const key = keyOf(user.tenant, user.userId);
      const previous = returns.get(key);
      if (previous === undefined || previous.time < user.time) returns.set(key, user);
      for (const task of tasks.values()) {
        if (task.tenant !== user.tenant || task.user.id !== user.userId || task.time > user.time) continue;
        if (task.undo || !(task.state === 'pending' || (task.state === 'done' && task.undoable))) continue;
        const nextAttemptAt = task.state === 'done' ? now : task.nextAttemptAt;
        put({ ...task, undo: true, returnedAs: user.returnedAs, nextAttemptAt });
      }
    },
    lastReturn: (tenant, userId) => returns.get(keyOf(tenant, userId)),
    ofUser: (tenant, userId, filter) =>
      [...tasks.values()].filter(
        (task) =>
          task.tenant === tenant &&
          task.user.id === userId &&
          (filter === undefined || task.handler === filter.handler) &&
          (filter?.item === undefined || task.item?.id === filter.item),
      ),
    list: (tenant, state, limit = 100) =>
      [...tasks.values()].filter((task) => task.tenant === tenant && task.state === state).slice(0, limit),
    settle(tenant, id, by) {
      const current = tasks.get(keyOf(tenant, id));
      if (current === undefined || (current.state !== 'pending' && current.state !== 'done')) return false;
      put({ ...current, state: 'settled', settledBy: by, nextAttemptAt: undefined });
      return true;
    },
  };
}
