import type { Conflict } from '../lifecycle/conflicts/conflicts.js';
import { isObject } from '../contract/is-object.js';
import { accessOfKey } from './key-access.js';
import type { LogEntry } from './contract.js';
import { explainLogEntry, isScopeRefusal, keyMayNot } from './explain.js';
import type { Explanation } from './explanation.js';
import type { Visit } from './visit.js';

/** An explanation on a page of the panel: with the page to go to, where there is one. */
export interface LinkedExplanation extends Explanation {
  readonly link?: { readonly path: string; readonly label: string } | undefined;
}

/**
 * Explains an entry with what the panel knows beside the entry itself: keys and conflicts.
 *
 * @param entry as it is stored, not as the administrator may see it
 */
export function explained(visit: Visit, entry: LogEntry): LinkedExplanation | undefined {
  const { status, detail = '', actor, actorName } = entry;
  if (status === 403 && isScopeRefusal(detail)) {
    const key = visit.connection.keys.find(({ id }) => id === actor);
    if (key !== undefined) return keyMayNot(key.name, accessOfKey(key));
    return keyMayNot(actorName);
  }
  const conflict = status === 409 || status === 403 ? conflictOf(visit, entry) : undefined;
  if (conflict !== undefined) return explainedConflict(conflict);
  const explanation = explainLogEntry(entry);
  if (explanation === undefined) return undefined;
  return status === 503 && entry.code === 'SCIM_HELD' ? { ...explanation, link: linkToConflicts } : explanation;
}

const linkToConflicts = { path: '/conflicts', label: 'Show conflicts' };

function explainedConflict({ id, decision }: Conflict): LinkedExplanation {
  const meaning = 'An existing account may belong to this user.';
  if (decision === undefined) {
    return {
      meaning: `${meaning} The application does not link it without your decision.`,
      remedy: 'Decide under Conflicts. The identity provider’s next attempt then succeeds.',
      link: { path: `/conflicts#conflict-${encodeURIComponent(id)}`, label: 'Decide' },
    };
  }
  if (decision.action === 'refuse') {
    return {
      meaning: 'An administrator has decided that this user is not allowed here.',
      remedy: 'Remove the user from the scope of the identity provider.',
      link: linkToConflicts,
    };
  }
  return {
    meaning: `${meaning} An administrator has decided about it.`,
    remedy: 'Nothing: the decision takes effect when the identity provider retries.',
    link: linkToConflicts,
  };
}

/** The newest conflict about the user in the request. */
function conflictOf({ conflicts }: Visit, { request, operation }: LogEntry): Conflict | undefined {
  const body = request?.body;
  const userName = operation === 'create' && isObject(body) ? body['userName'] : undefined;
  if (typeof userName !== 'string') return undefined;
  const isSame = ({ kind, resource }: Conflict): boolean =>
    kind === 'adopt' && resource?.['userName']?.toLowerCase() === userName.toLowerCase();
  return conflicts.find((each) => isSame(each) && each.decision === undefined) ?? conflicts.find(isSame);
}
