import type { LogEntry } from './contract.js';

/** What an error means, and what to do about it. */
export interface Explanation {
  readonly meaning: string;
  readonly remedy: string;
}

const byType: Readonly<Record<string, Explanation>> = {
  uniqueness: {
    meaning: 'The provider wants to create somebody whose userName (or another unique value) is taken.',
    remedy:
      'Look whether the account was there before provisioning. If so, let the provider match it (by userName), or link it under Conflicts; if not, give one of the two another name.',
  },
  invalidFilter: {
    meaning: 'The provider searches with a filter that cannot be read, or by an attribute that is not kept here.',
    remedy: 'In the provider’s attribute mapping, choose userName or externalId as the matching attribute.',
  },
  invalidValue: {
    meaning: 'A value does not fit its attribute: a required one is missing, or it has the wrong form.',
    remedy: 'Read the detail for the attribute, and correct its mapping at the provider.',
  },
  invalidPath: {
    meaning: 'The provider changes an attribute by a path that no schema here has.',
    remedy: 'Compare its attribute mapping with the table under Mapping, and remove what is not there.',
  },
  noTarget: {
    meaning: 'The provider changes a value that is not there, such as an e-mail address of a type that the user lacks.',
    remedy: 'Usually it heals in the next cycle. If not, check the type in the provider’s mapping.',
  },
  mutability: {
    meaning: 'The provider changes something that only this application sets.',
    remedy: 'Remove that attribute from the provider’s mapping.',
  },
  tooMany: {
    meaning: 'The answer would be too large.',
    remedy: 'Let the provider ask for smaller pages, or leave out the members of groups.',
  },
  invalidSyntax: {
    meaning: 'The request is no valid SCIM message.',
    remedy: 'A proxy or a gateway on the way may change bodies. Otherwise tell the provider’s support the detail.',
  },
  invalidVers: {
    meaning: 'The provider speaks SCIM 1.1.',
    remedy: 'Choose SCIM 2.0 in its settings.',
  },
};

const byStatus: Readonly<Record<number, Explanation>> = {
  401: {
    meaning: 'The provider’s key is not accepted: it is unknown, has expired, or was revoked.',
    remedy: 'Create or rotate a key under Connector keys, and enter it at the provider. Copy it whole, without spaces.',
  },
  404: {
    meaning:
      'The provider asks for a user or group that is not here: it was deleted here, or belongs to another tenant.',
    remedy: 'Restart provisioning at the provider, so that it matches everybody anew.',
  },
  409: {
    meaning: 'Nobody can tell whether this is a new person or an account that is here already.',
    remedy: 'Settle it under Conflicts; the provider’s next try then succeeds.',
  },
  412: {
    meaning: 'The resource was changed by somebody else in between.',
    remedy: 'Nothing: the provider reads it again and repeats its change.',
  },
  413: { meaning: 'The request is too large.', remedy: 'Let the provider send smaller batches.' },
  415: {
    meaning: 'The body is not sent as JSON.',
    remedy: 'Set the provider’s content type to application/scim+json.',
  },
  429: { meaning: 'The provider sends too many requests.', remedy: 'Nothing: it slows down and tries again.' },
  503: {
    meaning: 'The database was away or too slow, or too many wrote the same thing at once.',
    remedy: 'Nothing at first: the provider tries again by itself. If it lasts, look at the database.',
  },
};

const held: Explanation = {
  meaning: 'Unusually many users are being switched off or deleted, so this waits for you. The provider tries again.',
  remedy: 'Approve or refuse it under Conflicts.',
};

/** Says what an error in the log means; undefined for what succeeded. */
export function explainLogEntry(
  entry: Pick<LogEntry, 'status' | 'scimType' | 'detail' | 'requestId'>,
): Explanation | undefined {
  const { status, scimType, detail = '', requestId } = entry;
  if (status < 400) return undefined;
  if (status === 403) return explainForbidden(detail);
  if (status === 503 && /held until an administrator/.test(detail)) return held;
  const typed = scimType !== undefined && Object.hasOwn(byType, scimType) ? byType[scimType] : undefined;
  if (typed !== undefined) return typed;
  const known = byStatus[status];
  if (known !== undefined) return known;
  if (status >= 500) {
    return {
      meaning: 'The application failed while it worked on the request.',
      remedy: `Look in the application’s own log for ${requestId}.`,
    };
  }
  return {
    meaning: 'The request was refused.',
    remedy: 'Read the detail, and compare it with the provider’s settings.',
  };
}

function explainForbidden(detail: string): Explanation {
  if (/switched off/i.test(detail)) {
    return {
      meaning: 'User provisioning is disabled, so every request is refused and nothing changes.',
      remedy: 'Enable it under Status.',
    };
  }
  return {
    meaning: 'The key, or a rule of this application, does not allow this.',
    remedy: 'Compare the scope of the key with what the provider does; the detail names a rule, such as a seat limit.',
  };
}
