import { createHash } from 'node:crypto';
import type { Attributes } from '../contract/attribute.js';
import type { User } from '../contract/resource.js';

const enterpriseUser = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The enterprise extension's employeeNumber (RFC 7643 4.3). */
export function employeeNumberOf(user: Attributes): string | undefined {
  return text(enterpriseOf(user)?.['employeeNumber']);
}

/** The id of the manager (RFC 7643 4.3). */
export function managerIdOf(user: Attributes): string | undefined {
  const manager = enterpriseOf(user)?.['manager'];
  return isRecord(manager) ? text(manager['value']) : undefined;
}

/** The primary e-mail address, or the only one. */
export function primaryEmailOf(user: Attributes): string | undefined {
  const emails = valuesOf(user['emails']);
  const chosen = emails.find((email) => email['primary'] === true) ?? (emails.length === 1 ? emails[0] : undefined);
  return text(chosen?.['value']);
}

/** Something that a person reads as a name. */
export function labelOf(user: Attributes): string | undefined {
  const name = isRecord(user['name']) ? text(user['name']['formatted']) : undefined;
  return text(user['displayName']) ?? name ?? text(user['userName']);
}

/**
 * Tells the same new person again when a client repeats its request.
 *
 * Everything that an administrator judges by is in it: whoever keeps the externalId and changes the e-mail is asked about anew.
 */
export function fingerprintOf(user: Readonly<User>): string {
  const addresses = valuesOf(user.emails).map((email) => text(email['value']) ?? '');
  const identity = [user.externalId ?? '', user.userName, employeeNumberOf(user) ?? '', ...addresses.sort()];
  return `adopt:${createHash('sha256').update(JSON.stringify(identity)).digest('hex')}`;
}

/** What an administrator sees of the new person. */
export function summaryOf(user: Readonly<User>): Readonly<Record<string, string>> {
  const shown = {
    userName: user.userName,
    displayName: labelOf(user),
    email: primaryEmailOf(user),
    externalId: user.externalId,
    employeeNumber: employeeNumberOf(user),
  };
  return Object.fromEntries(Object.entries(shown).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function enterpriseOf(user: Attributes): Readonly<Record<string, unknown>> | undefined {
  const extension = user[enterpriseUser];
  return isRecord(extension) ? extension : undefined;
}

function valuesOf(values: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(values) ? values.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
