import { createHash } from 'node:crypto';
import type { Attributes } from '../contract/attribute.js';
import type { User } from '../contract/resource.js';

const enterpriseUser = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The enterprise extension's employeeNumber (RFC 7643 4.3). */
export function employeeNumberOf(user: Attributes): string | undefined {
  return text(enterpriseOf(user)?.['employeeNumber']);
}

/** The ID of the manager (RFC 7643 4.3). */
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

/** A name for display. */
export function labelOf(user: Attributes): string | undefined {
  const name = isRecord(user['name']) ? text(user['name']['formatted']) : undefined;
  return text(user['displayName']) ?? name ?? text(user['userName']);
}

/**
 * Identifies a new user across repeated requests of a client.
 *
 * It covers everything that an administrator decides by: a user with the same externalId and another e-mail address needs
 * a new decision.
 */
export function fingerprintOf(user: Readonly<User>): string {
  const addresses = valuesOf(user.emails).map((email) => text(email['value']) ?? '');
  const identity = [user.externalId ?? '', user.userName, employeeNumberOf(user) ?? '', ...addresses.sort()];
  return `adopt:${createHash('sha256').update(JSON.stringify(identity)).digest('hex')}`;
}

/** The attributes of the new user that an administrator sees. */
export function summaryOf(user: Readonly<User>): Readonly<Record<string, string>> {
  const summary = {
    userName: user.userName,
    displayName: labelOf(user),
    email: primaryEmailOf(user),
    externalId: user.externalId,
    employeeNumber: employeeNumberOf(user),
  };
  return Object.fromEntries(
    Object.entries(summary).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
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
