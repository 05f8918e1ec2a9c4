import type { ProviderId } from './providers.js';

type Names = Readonly<Record<string, string>>;

const entraUsers: Names = {
  userName: 'userPrincipalName',
  externalId: 'objectId (default: mailNickname)',
  active: 'IsSoftDeleted, in a Switch expression',
  displayName: 'displayName',
  'name.givenName': 'givenName',
  'name.familyName': 'surname',
  title: 'jobTitle',
  emails: 'mail',
  'phoneNumbers[type eq "work"]': 'telephoneNumber',
  'phoneNumbers[type eq "mobile"]': 'mobile',
  preferredLanguage: 'preferredLanguage',
  'addresses[type eq "work"].locality': 'city',
  'addresses[type eq "work"].region': 'state',
  'addresses[type eq "work"].country': 'country',
  'addresses[type eq "work"].postalCode': 'postalCode',
  'addresses[type eq "work"].streetAddress': 'streetAddress',
  'enterprise.employeeNumber': 'employeeId',
  'enterprise.department': 'department',
  'enterprise.manager': 'manager',
};

const oktaUsers: Names = {
  userName: 'login',
  externalId: 'ID of the user in Okta',
  active: 'status',
  displayName: 'displayName',
  'name.givenName': 'firstName',
  'name.familyName': 'lastName',
  title: 'title',
  emails: 'email',
  'phoneNumbers[type eq "work"]': 'primaryPhone',
  'phoneNumbers[type eq "mobile"]': 'mobilePhone',
  preferredLanguage: 'preferredLanguage',
  'addresses[type eq "work"].locality': 'city',
  'enterprise.employeeNumber': 'employeeNumber',
  'enterprise.department': 'department',
  'enterprise.manager': 'managerId',
};

const sources: Partial<Record<ProviderId, Readonly<Record<string, Names>>>> = {
  entra: { User: entraUsers, Group: { displayName: 'displayName', members: 'members', externalId: 'objectId' } },
  okta: { User: oktaUsers, Group: { displayName: 'name of the pushed group', members: 'members of the pushed group' } },
};

/** Whether the panel knows what an identity provider calls its attributes. */
export function namesAttributes(provider: ProviderId): boolean {
  return sources[provider] !== undefined;
}

/** What an identity provider calls the attribute that it maps to a SCIM attribute by default. */
export function sourceAttribute(provider: ProviderId, resourceType: string, attribute: string): string | undefined {
  const names = sources[provider]?.[resourceType];
  const path = attribute
    .replace(/^urn:ietf:params:scim:schemas:extension:enterprise:2\.0:User:/i, 'enterprise.')
    .replace(/\.value$/, '');
  const [first = ''] = path.split('[', 1);
  const name = [path, first].find((each) => names !== undefined && Object.hasOwn(names, each));
  return name === undefined ? undefined : names?.[name];
}
