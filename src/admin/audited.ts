import { recordAction } from '../lifecycle/connections/audit-trail.js';
import { PanelError } from './panel-error.js';
import type { Visit } from './visit.js';

/**
 * Makes a change of an administrator, and records it in the audit trail: every change that the panel makes passes here.
 *
 * The entry is written before the change, so that no change is missing from the trail; where it cannot be written, nothing
 * is changed. A change that fails, or is refused after all, gets a second entry.
 *
 * @param action an area and a verb, such as `key.created`
 * @param subjects IDs of what is changed, and the chosen settings. Never a secret, and no values of users
 * @throws what the store of the trail, or the change, throws
 */
export async function audited<T>(
  { options, administrator, connection, now }: Visit,
  action: string,
  subjects: Readonly<Record<string, string>>,
  change: () => Promise<T>,
): Promise<T> {
  const { auditTrail } = options;
  if (auditTrail === undefined) return change();
  const entry = { tenant: connection.tenant, connection: connection.id, by: administrator.user, action, subjects };
  await recordAction(auditTrail, { ...entry, time: now, outcome: 'requested' });
  try {
    return await change();
  } catch (error) {
    const outcome = error instanceof PanelError ? 'refused' : 'failed';
    // The error of the change is what the administrator has to see.
    await recordAction(auditTrail, { ...entry, time: new Date(), outcome }).catch(() => undefined);
    throw error;
  }
}
