// What the benches seed: users of about 1.2 kB, as an identity provider sends them.
const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export const groupSchemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];

export function user(i) {
  const address = `user${i}@example.com`;
  return {
    schemas: [core, enterprise],
    userName: address,
    externalId: `external-${i}`,
    active: true,
    displayName: `User Number ${i}`,
    name: { formatted: `User Number ${i}`, givenName: 'User', familyName: `Number ${i}` },
    nickName: `u${i}`,
    profileUrl: `https://users.example.com/user${i}`,
    title: 'Engineer',
    userType: 'Employee',
    preferredLanguage: 'en-US',
    locale: 'en-US',
    timezone: 'Europe/Paris',
    emails: [
      { value: address, type: 'work', primary: true },
      { value: `user${i}@home.example`, type: 'home' },
    ],
    phoneNumbers: [
      { value: '+1 555 0100', type: 'work' },
      { value: '+1 555 0101', type: 'mobile' },
    ],
    photos: [{ value: `https://users.example.com/user${i}/photo.jpg`, type: 'photo' }],
    roles: [{ value: 'reader', display: 'Reader', primary: true }],
    addresses: [
      {
        type: 'work',
        streetAddress: '1 Main Street',
        locality: 'Springfield',
        region: 'IL',
        postalCode: '62701',
        country: 'US',
        formatted: '1 Main Street, Springfield',
      },
    ],
    [enterprise]: {
      employeeNumber: String(i),
      department: 'Research',
      costCenter: 'C-100',
      organization: 'Example',
      division: 'Tools',
    },
  };
}

export function patch(...Operations) {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations };
}

/** One bulk request that creates users with these numbers. */
export function bulkCreation(numbers) {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: numbers.map((i) => ({ method: 'POST', path: '/Users', bulkId: String(i), data: user(i) })),
  };
}

/** Creates users by bulk requests; gives their ids. */
export async function seedUsers(server, count) {
  const ids = [];
  for (let from = 0; from < count; from += 500) {
    const numbers = Array.from({ length: Math.min(500, count - from) }, (_, i) => from + i);
    const response = await server.send('POST', '/Bulk', bulkCreation(numbers));
    for (const { location } of response.Operations) ids.push(location.slice(location.lastIndexOf('/') + 1));
  }
  return ids;
}
