import type { Attributes } from '../../../contract/attribute.js';
import type { ResourceStore } from '../../../contract/store.js';
import { enterpriseUserSchema } from '../../../schema/core/enterprise-user.js';
import { userSchema } from '../../../schema/core/user.js';
import { compileResourceType } from '../../../schema/resource-type.js';
import type { CaseContext } from '../../case-context.js';
import { enterprise } from '../../requests.js';
import { type Kind, Subject } from './kind.js';

// `unique`: keys that a router has where its options say so. A store with another `supports.keys` never gets them.
const type = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [
    {
      schema: {
        ...enterpriseUserSchema,
        attributes: enterpriseUserSchema.attributes.map((attribute) =>
          attribute.name === 'employeeNumber' ? { ...attribute, uniqueness: 'server' as const } : attribute,
        ),
      },
    },
  ],
  unique: ['externalId'],
});

function example(n: number): Attributes {
  return {
    userName: `Pilot${String(n)}@example.com`,
    externalId: `Ext-${String(n)}`,
    displayName: `Pilot ${String(n)}`,
    name: { givenName: `Ada ${String(n)}`, familyName: `Lovelace ${String(n)}` },
    emails: [{ value: `pilot${String(n)}@example.com`, type: 'work' }],
    [enterprise]: { department: `Flight ${String(n)}`, employeeNumber: `No-${String(n)}` },
  };
}

/** Users, as resources like any other, with unique attributes beside userName. */
export const userKind: Kind<CaseContext> = {
  prefix: 'user',
  noun: 'user',
  needs: [],
  type,
  example,
  subject: (t) =>
    new Subject(
      { type, example },
      {
        checks: t,
        store: t.store as unknown as ResourceStore<Attributes>,
        capabilities: t.underTest,
        oneTenant: t.store.supports?.tenants === 'one',
      },
    ),
};
