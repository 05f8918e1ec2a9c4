import type { Attributes } from '../../../contract/attribute.js';
import type { ResourceStore } from '../../../contract/store.js';
import { groupSchema } from '../../../schema/core/group.js';
import { compileResourceType } from '../../../schema/resource-type.js';
import type { CaseContext } from '../../case-context.js';
import { type Kind, Subject } from './kind.js';

/** An extension of Group that no schema of the RFCs has. */
export const groupExtension = 'urn:example:params:scim:schemas:extension:test:2.0:Group';

const type = compileResourceType({
  name: 'Group',
  endpoint: '/Groups',
  schema: groupSchema,
  extensions: [
    {
      schema: {
        id: groupExtension,
        name: 'TestGroup',
        description: 'An extension for tests',
        attributes: [{ name: 'purpose' }, { name: 'costCenter' }],
      },
    },
  ],
});

function example(n: number): Attributes {
  return {
    displayName: `Crew ${String(n)}`,
    externalId: `Ext-${String(n)}`,
    [groupExtension]: { purpose: `Flight ${String(n)}`, costCenter: `Cost ${String(n)}` },
  };
}

/** Groups, as resources like any other. */
export const groupKind: Kind<CaseContext> = {
  prefix: 'group',
  noun: 'group',
  needs: ['groups'],
  type,
  example,
  subject: (t) => {
    const keepsExtension = t.underTest.anyAttribute !== false;
    return new Subject(
      { type, example: (n) => (keepsExtension ? example(n) : withoutExtension(example(n))) },
      {
        checks: t,
        store: t.groups as unknown as ResourceStore<Attributes>,
        capabilities: t.underTest,
        oneTenant: t.store.supports?.tenants === 'one',
      },
    );
  },
};

function withoutExtension(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== groupExtension));
}
