import type { LogEntry, LogFailure, LogMistake } from './contract.js';
import { explainRefusal } from './explain-refusal.js';
import type { Explanation } from './explanation.js';

const removeUnlisted =
  'Compare its attribute mapping with the attributes under Mapping, and remove those that this application does not have.';

const byScimType: Readonly<Record<string, Explanation>> = {
  uniqueness: {
    meaning:
      'The identity provider is creating or changing a user or group whose userName (or another unique value) is already in use.',
    remedy:
      'Check whether the account existed before provisioning. If it did, have the identity provider match it by userName, or link it under Conflicts. If it did not, change the name of one of the two users.',
  },
  invalidFilter: {
    meaning: 'The identity provider searches with an invalid filter, or by an attribute that is not stored here.',
    remedy: 'Choose userName or externalId as the matching attribute in the identity provider’s attribute mapping.',
  },
  invalidValue: {
    meaning: 'A value does not fit its attribute: a required value is missing, or it has the wrong format.',
    remedy: 'Read the error message for the attribute, and correct its mapping in the identity provider.',
  },
  invalidPath: {
    meaning: 'The identity provider changes an attribute that does not exist here.',
    remedy: removeUnlisted,
  },
  noTarget: {
    meaning:
      'The identity provider changes a value that does not exist, such as an email address of a type that the user does not have.',
    remedy:
      'The next provisioning cycle usually resolves this. If it does not, check the type in the identity provider’s attribute mapping.',
  },
  mutability: {
    meaning: 'The identity provider changes an attribute that only this application may set.',
    remedy: 'Remove the attribute from the identity provider’s attribute mapping.',
  },
  tooMany: {
    meaning: 'The response would be too large.',
    remedy: 'Have the identity provider request smaller pages, or exclude the members of groups.',
  },
  invalidSyntax: {
    meaning: 'The request is not a valid SCIM message.',
    remedy:
      'A proxy or gateway may be changing request bodies. If there is none, send the error message to the identity provider’s support.',
  },
  invalidVers: {
    meaning: 'The identity provider uses SCIM 1.1.',
    remedy: 'Choose SCIM 2.0 in its settings.',
  },
};

const byStatus: Readonly<Record<number, Explanation>> = {
  401: {
    meaning:
      'The identity provider’s key is not accepted: it is unknown, expired or revoked, or the request came from a network that is not allowed.',
    remedy:
      'Check the allowed networks under Connector keys. If they are right, create or rotate a key there, and enter it in the identity provider. Copy the whole key, without spaces.',
  },
  404: {
    meaning:
      'The identity provider requests a user or group that does not exist here: it was deleted, or it belongs to another tenant.',
    remedy: 'Restart provisioning in the identity provider, so that it matches all users again.',
  },
  409: {
    meaning: 'The application cannot decide whether this is a new user or an existing account.',
    remedy: 'Decide under Conflicts. The identity provider’s next attempt then succeeds.',
  },
  412: {
    meaning: 'The user or group was changed by someone else at the same time.',
    remedy: 'Nothing: the identity provider reads it again and repeats the change.',
  },
  413: { meaning: 'The request is too large.', remedy: 'Have the identity provider send smaller batches.' },
  415: {
    meaning: 'The request body is not sent as JSON.',
    remedy: 'Set the content type to application/scim+json in the identity provider.',
  },
  429: { meaning: 'The identity provider sends too many requests.', remedy: 'Nothing: it slows down and retries.' },
  503: {
    meaning: 'The database was unavailable or too slow, or too many requests changed the same data at once.',
    remedy: 'Nothing at first: the identity provider retries. If the error persists, check the database.',
  },
};

const wrongAddress: Explanation = {
  meaning: 'The address is wrong: the identity provider requests an endpoint that does not exist here.',
  remedy:
    'Copy the base URL again, and enter it in the identity provider. Compare upper and lower case; it must not end in /Users.',
};

const queryInBaseUrl: Explanation = {
  meaning:
    'The address is wrong: something follows a question mark in it, and the identity provider adds the endpoint behind that.',
  remedy:
    'Copy the base URL again, and enter it in the identity provider without a question mark. Microsoft Entra ID accepts ?aadOptscim062020 only at the end of the Tenant URL, and this application does not need it.',
};

const takenGroupValue: Explanation = {
  meaning: 'The identity provider is creating or changing a group whose name is already in use by another group.',
  remedy: 'Rename one of the two groups in the identity provider, or have it match the existing group by its name.',
};

const takenExternalId: Explanation = {
  meaning: 'The identity provider is creating or changing a user or group whose externalId is already in use.',
  remedy:
    'Check which of the two the identity provider means. Two directories that provision the same tenant must send different externalIds.',
};

const notOffered: Explanation = {
  meaning:
    'The application does not offer this operation for this type, such as changes of groups that it manages itself.',
  remedy: 'Turn the operation off in the identity provider’s provisioning settings.',
};

const heldDeactivation: Explanation = {
  meaning:
    'An unusually large number of users is being deactivated or deleted, so the request is held until you decide. The identity provider retries it.',
  remedy: 'Approve or refuse it under Conflicts.',
};

const provisioningDisabled: Explanation = {
  meaning: 'User provisioning is disabled, so every request is refused and nothing changes.',
  remedy: 'Enable it under Status.',
};

const underReview: Explanation = {
  meaning:
    'The identity provider wants to change a privileged account that existed before provisioning and is not linked with it. Whoever controls the identity provider could take the account over, so the request is refused.',
  remedy:
    'If the account belongs to that user, link it under Conflicts. Otherwise remove the user from the scope of the identity provider.',
};

const unknownMember: Explanation = {
  meaning: 'A group contains a user that the identity provider has not created here yet, or that was deleted here.',
  remedy:
    'Assign the user to this application in the identity provider, wait until it is provisioned, then push the group again. The error message names the IDs.',
};

const groupAsMember: Explanation = {
  meaning: 'A group contains another group, and this application keeps only users in groups.',
  remedy: 'Assign the users of the inner group in the identity provider, or push a group without inner groups.',
};

const refusedByRule: Explanation = {
  meaning: 'A rule of this application does not allow the request, such as a limit of users.',
  remedy: 'Read the error message: it names the rule.',
};

/** @param access what the key may do, such as `may only read` */
export function keyMayNot(name: string | undefined, access = 'may not do this'): Explanation {
  return {
    meaning: `The ${name === undefined ? 'key of the identity provider' : `key ${name}`} ${access}.`,
    remedy:
      'Create a key with access to everything under Connector keys, and enter it in the identity provider in place of this one.',
  };
}

/**
 * Explains an error in the provisioning log to an administrator: what it means and what to do about it.
 *
 * @returns undefined if the request succeeded: its status is below 400, and none of the operations of a bulk request failed
 * @example
 * import { explainLogEntry } from 'express-scim/admin';
 *
 * const explanation = explainLogEntry({ status: 409, scimType: 'uniqueness', requestId: 'r-1' });
 * console.log(explanation?.meaning, explanation?.remedy);
 */
export function explainLogEntry(
  entry: Pick<
    LogEntry,
    | 'status'
    | 'scimType'
    | 'code'
    | 'errors'
    | 'failures'
    | 'detail'
    | 'requestId'
    | 'resourceId'
    | 'actorName'
    | 'keyRefusal'
  >,
): Explanation | undefined {
  const { status, scimType, code, errors = [], failures = [], detail = '', requestId } = entry;
  const { actorName, keyRefusal, resourceId = '' } = entry;
  if (status < 400) return failures.length === 0 ? undefined : failedOperations(failures, requestId);
  if (status === 403) {
    if (isProvisioningDisabled(detail)) return provisioningDisabled;
    if (isUnderReview(detail)) return underReview;
    return isScopeRefusal(detail) ? keyMayNot(actorName) : refusedByRule;
  }
  if (code === 'SCIM_HELD') return heldDeactivation;
  if (status === 401 && keyRefusal !== undefined) return explainRefusal(keyRefusal, actorName);
  // A base URL that ends in /Users makes `Users` the ID of a user.
  const isEndpoint = /^(?:users|groups|me|bulk)$/i.test(resourceId);
  if (status === 404 && (isEndpoint || detail.includes('There is no such endpoint'))) return wrongAddress;
  if (status === 400 && detail.includes('the base URL ends with a query')) return queryInBaseUrl;
  if (status === 405 || status === 501) return notOffered;
  if (scimType === 'invalidValue' && detail.includes('Provision the user first')) return unknownMember;
  if (scimType === 'invalidValue' && detail.includes('take users only')) return groupAsMember;
  if (errors.length > 0) return wrongValues(errors);
  const cause = causeOf(scimType, detail);
  if (cause !== undefined) return cause;
  const explained =
    (scimType !== undefined && Object.hasOwn(byScimType, scimType) ? byScimType[scimType] : undefined) ??
    byStatus[status];
  if (explained !== undefined) return explained;
  if (status >= 500) {
    return {
      meaning: 'The application failed while it processed the request.',
      remedy: `Search the application’s own log for ${requestId}.`,
    };
  }
  return {
    meaning: 'The request was refused.',
    remedy: 'Read the error message, and compare it with the settings of the identity provider.',
  };
}

/** A bulk request that succeeded, with operations that failed: what most of them have in common. */
function failedOperations(failures: readonly LogFailure[], requestId: string): Explanation {
  const counted = new Map<string, { readonly explanation: Explanation; count: number }>();
  for (const failure of failures) {
    const explanation = explainLogEntry({ ...failure, requestId });
    if (explanation === undefined) continue;
    const same = counted.get(explanation.meaning);
    if (same === undefined) counted.set(explanation.meaning, { explanation, count: 1 });
    else same.count++;
  }
  const [most] = [...counted.values()].sort((a, b) => b.count - a.count);
  const { length } = failures;
  const which = length === 1 ? 'An operation' : `${String(length)} operations`;
  const start = `${which} of the bulk request failed; the others were applied.`;
  if (most === undefined) return { meaning: start, remedy: 'Read the results of the operations.' };
  const part = most.count === length ? '' : `${String(most.count)} of them: `;
  return { meaning: `${start} ${part}${most.explanation.meaning}`, remedy: most.explanation.remedy };
}

/** Names of attributes in an explanation. */
const mostNames = 5;

function wrongValues(errors: readonly LogMistake[]): Explanation {
  const missing = namesOf(errors.filter(({ code }) => code === 'required'));
  const unknown = namesOf(errors.filter(({ code }) => code === 'unknown'));
  const wrong = namesOf(errors.filter(({ code }) => code !== 'required' && code !== 'unknown'));
  const parts = [
    ...(missing === '' ? [] : [`A required value is missing: ${missing}.`]),
    ...(wrong === '' ? [] : [`A value does not fit its attribute: ${wrong}.`]),
    ...(unknown === '' ? [] : [`An attribute does not exist here, in ${unknown}.`]),
  ];
  if (unknown !== '' && missing === '' && wrong === '') return { meaning: parts.join(' '), remedy: removeUnlisted };
  return {
    meaning: parts.join(' '),
    remedy:
      'Correct the mapping of these attributes in the identity provider, or the values of this user or group in its directory.',
  };
}

function namesOf(errors: readonly LogMistake[]): string {
  const names = [...new Set(errors.map(({ path }) => path))];
  const others = names.length - mostNames;
  return `${names.slice(0, mostNames).join(', ')}${others > 0 ? ` and ${String(others)} more` : ''}`;
}

/** The explanation of an error whose detail says more than its scimType. */
function causeOf(scimType: string | undefined, detail: string): Explanation | undefined {
  if (scimType !== 'uniqueness') return undefined;
  const attribute = /\balready has this (\w+)/.exec(detail)?.[1];
  if (attribute === 'externalId') return takenExternalId;
  return attribute === 'displayName' ? takenGroupValue : undefined;
}

// SCIM errors have no code that tells these two apart from other errors of the same status: their text has to do. The
// tests let the real router and the real guard produce them.

/** Whether the detail of a 403 is that of a disabled connection. */
export function isProvisioningDisabled(detail: string): boolean {
  return /provisioning is (?:switched off|disabled|turned off)/i.test(detail);
}

/** Whether the detail of a 403 says that the scopes of the key are too narrow. */
export function isScopeRefusal(detail: string): boolean {
  return /^This client (?:is not permitted|cannot)\b/.test(detail);
}

/** Whether the detail of a 403 is that of the guard of `adoptBy`. */
function isUnderReview(detail: string): boolean {
  return /\bprivileged and not linked\b/i.test(detail);
}
