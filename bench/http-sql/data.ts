// The users of this bench: what an identity provider sends with its default mapping, about 1 KB of JSON.

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

export interface BenchUser {
  readonly schemas: readonly string[];
  readonly userName: string;
  readonly externalId: string;
  readonly active: boolean;
  readonly displayName: string;
  readonly title: string;
  readonly emails: readonly { readonly value: string; readonly type: string; readonly primary?: boolean }[];
  readonly [attribute: string]: unknown;
}

/** The user with this number. Each of `nickName`, phone number, and employee number belongs to one user only. */
export function userAt(i: number, title = 'Maintenance Technician'): BenchUser {
  const name = `user.${String(i)}@example.com`;
  const digits = String(i).padStart(7, '0');
  return {
    schemas: [core, enterprise],
    userName: name,
    externalId: `00000000-0000-4000-8000-${digits.padStart(12, '0')}`,
    active: true,
    displayName: `Given${String(i)} Family${String(i)}`,
    nickName: `Nick${String(i)}`,
    title,
    preferredLanguage: 'en-GB',
    name: {
      givenName: `Given${String(i)}`,
      familyName: `Family${String(i)}`,
      formatted: `Given${String(i)} Family${String(i)}`,
    },
    emails: [
      { value: name, type: 'work', primary: true },
      { value: `user.${String(i)}@home.example`, type: 'home' },
    ],
    phoneNumbers: [
      { value: `+44 20 ${digits}`, type: 'work' },
      { value: `+44 77 ${digits}`, type: 'mobile' },
    ],
    addresses: [
      {
        type: 'work',
        formatted: '1 Harbour Road, Southampton SO14 1AA',
        streetAddress: '1 Harbour Road',
        locality: 'Southampton',
        region: 'Hampshire',
        postalCode: 'SO14 1AA',
        country: 'GB',
      },
    ],
    [enterprise]: { employeeNumber: String(100_000 + i), department: 'Workshop', costCenter: `C-${String(i % 50)}` },
  };
}

/** A PATCH message. */
export function patchBody(...Operations: readonly object[]): string {
  return JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });
}

/** One bulk request that creates the users with these numbers. */
export function bulkBody(numbers: readonly number[]): string {
  return JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: numbers.map((i) => ({ method: 'POST', path: '/Users', bulkId: String(i), data: userAt(i) })),
  });
}
