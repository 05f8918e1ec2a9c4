import { randomUUID } from 'node:crypto';
import {
  checkDecision,
  type Conflict,
  type ConflictDecision,
  type ConflictStore,
  type NewConflict,
  settledDisplayed,
} from './conflicts.js';

/** Conflicts in memory: for tests and for one process that may forget. */
export function memoryConflictStore(): ConflictStore {
  // In the order in which they were added; a settled one stays in its place.
  const conflicts: Conflict[] = [];
  const newest = (tenant: string, fingerprint: string): Conflict | undefined =>
    conflicts.findLast((each) => each.tenant === tenant && each.fingerprint === fingerprint);
  return {
    add(conflict: NewConflict) {
      const known = newest(conflict.tenant, conflict.fingerprint);
      if (known !== undefined && known.decision === undefined) return known;
      const added: Conflict = { ...conflict, id: randomUUID(), time: new Date().toISOString() };
      conflicts.push(added);
      return added;
    },
    list(tenant) {
      const own = conflicts.filter((each) => each.tenant === tenant);
      const settled = own.filter((each) => each.decision !== undefined).sort(bySettling);
      return [...own.filter((each) => each.decision === undefined), ...settled.slice(0, settledDisplayed)];
    },
    find: newest,
    settle(tenant: string, id: string, decision: ConflictDecision) {
      const index = conflicts.findIndex((each) => each.tenant === tenant && each.id === id);
      const waiting = conflicts[index];
      if (waiting === undefined || waiting.decision !== undefined) return undefined;
      checkDecision(waiting, decision);
      const settled = { ...waiting, decision };
      conflicts[index] = settled;
      return settled;
    },
  };
}

function bySettling(a: Conflict, b: Conflict): number {
  return (b.decision?.time ?? '').localeCompare(a.decision?.time ?? '');
}
