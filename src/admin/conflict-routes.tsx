import type { Conflict } from '../lifecycle/conflicts/conflicts.js';
import { settleConflict } from './actions.js';
import { Conflicts } from './pages/conflicts.js';
import type { Route } from './route.js';
import { get, json, noticeOf, post, redirect, segment, show } from './route-builders.js';

/** Conflicts, and the decisions about them. */
export const conflictRoutes: readonly Route[] = [
  get('/conflicts', async ({ visit, query }) => {
    const body = <Conflicts visit={visit} />;
    return show(visit, 'conflicts', 'Conflicts', body, noticeOf(query.get('done')));
  }),
  post(`/conflicts/${segment}`, async ({ visit, fields, parameters: [id = ''] }) => {
    await settleConflict(visit, id, fields);
    return redirect(visit, '/conflicts', 'settled');
  }),

  get('/api/conflicts', async ({ visit }) => {
    if (visit.administrator.seePersonalData) return json(visit.conflicts);
    return json(visit.conflicts.map(conflictWithoutPersonalData));
  }),
  post(`/api/conflicts/${segment}`, async ({ visit, fields, parameters: [id = ''] }) => {
    await settleConflict(visit, id, fields);
    return json({ id, settled: true });
  }),
];

/** IDs, names and the fingerprint may be personal data; the summary of a mass deactivation holds counts only. */
function conflictWithoutPersonalData({ id, tenant, time, kind, summary, candidates, decision }: Conflict): unknown {
  return {
    ...{ id, tenant, time, kind, candidates: candidates.length },
    ...(kind === 'mass-deactivation' && { summary }),
    ...(decision !== undefined && {
      decision: { action: decision.action, by: decision.by, time: decision.time },
    }),
  };
}
