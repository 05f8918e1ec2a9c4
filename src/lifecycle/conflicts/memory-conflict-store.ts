import { randomUUID } from 'node:crypto';
import {
  checkDecision,
  type Conflict,
  type ConflictDecision,
  type ConflictStore,
  type NewConflict,
  maxSettledListed,
} from './conflicts.js';

/**
 * Keeps conflicts in memory: for tests, and for a single process that may lose them on restart.
 *
 * @example
 * import { memoryConflictStore } from 'express-scim/lifecycle';
 *
 * export const conflicts = memoryConflictStore();
 */
export function memoryConflictStore(): ConflictStore {
  // In insertion order; a settled conflict keeps its place.
  const conflicts: Conflict[] = [];
  const newest = (tenant: string, fingerprint: string): Conflict | undefined =>
    conflicts.findLast((each) => each.tenant === tenant && each.fingerprint === fingerprint);
  return {
    add(conflict: NewConflict) {
      const latest = newest(conflict.tenant, conflict.fingerprint);
      if (latest !== undefined && latest.decision === undefined) return latest;
      const added: Conflict = { ...conflict, id: randomUUID(), time: new Date().toISOString() };
      conflicts.push(added);
      return added;
    },
    list(tenant) {
      const ofTenant = conflicts.filter((each) => each.tenant === tenant);
      const settled = ofTenant.filter((each) => each.decision !== undefined).sort(newestDecisionFirst);
      return [...ofTenant.filter((each) => each.decision === undefined), ...settled.slice(0, maxSettledListed)];
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

function newestDecisionFirst(a: Conflict, b: Conflict): number {
  return (b.decision?.time ?? '').localeCompare(a.decision?.time ?? '');
}
