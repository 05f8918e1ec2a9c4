import type { FaultCase } from './fault-cases.js';
import { type Asked, type Fault, type Operation, operationsOf, refusal, withOperations } from './faulty.js';

const isGroup = (path: string): boolean => path.startsWith('/Groups/');

/** Refuses each PATCH with such an operation. */
const refusesOperation = (matches: (operation: Operation, asked: Asked) => boolean): Fault => ({
  response: (asked) =>
    operationsOf(asked).some((each) => matches(each, asked)) ? refusal(400, 'invalidValue') : undefined,
});

/** Changes, or leaves out, each operation on its way to the server. */
const changesOperation = (change: (operation: Operation) => Operation | undefined): Fault => ({
  rewrite: (asked) => {
    const operations = operationsOf(asked);
    if (operations.length === 0) return undefined;
    return withOperations(
      asked,
      operations.map(change).filter((each) => each !== undefined),
    );
  },
});

const removeAll = (): Operation => ({ op: 'remove', path: 'members' });
const isWrapped = ({ value }: Operation): boolean =>
  typeof value === 'object' && value !== null && 'members' in value && Array.isArray(value.members);
const isText = ({ path, value }: Operation): boolean => path === undefined && typeof value === 'string';

/** Faults that only clients meet which deviate in the same place. */
export const clientFaultCases: readonly FaultCase[] = [
  {
    name: 'refuses a PATCH without schemas',
    client: 'authentik',
    found: ['update-refused'],
    fault: () => ({
      response: ({ method, body }) =>
        method === 'PATCH' && body?.['schemas'] === undefined ? refusal(400, 'invalidSyntax') : undefined,
    }),
  },
  {
    name: 'takes only names in quotes',
    client: 'authentik',
    found: ['match-refused'],
    fault: () => ({
      response: ({ path }) => (/filter=\w+\+eq\+(?!%22)/.test(path) ? refusal(400, 'invalidFilter') : undefined),
    }),
  },
  {
    name: 'takes no more than two operations in a PATCH, but says otherwise',
    client: 'authentik',
    found: ['membership-refused'],
    fault: () => ({
      response: (asked) => (operationsOf(asked).length > 2 ? refusal(400, 'tooMany') : undefined),
    }),
  },
  {
    name: 'refuses a PATCH without Operations',
    client: 'syncope',
    found: ['membership-refused'],
    fault: () => ({
      response: ({ method, body }) =>
        method === 'PATCH' && body?.['Operations'] === undefined ? refusal(400, 'invalidSyntax') : undefined,
    }),
  },
  {
    name: 'knows attributes only in their own letter case',
    client: 'syncope',
    found: ['match-refused'],
    fault: () => ({
      response: ({ path }) => (path.includes('filter=username') ? refusal(400, 'invalidFilter') : undefined),
    }),
  },
  {
    name: 'refuses a dot after a URN',
    client: 'syncope',
    found: ['update-refused'],
    fault: () => refusesOperation(({ path }) => path?.includes('User.department') === true),
  },
  {
    name: 'ignores a dot after a URN in attributes',
    client: 'syncope',
    found: ['value-changed'],
    fault: () => ({ rewrite: ({ path }) => ({ path: path.replace(/%2Curn[^&,]*User\.department/, '') }) }),
  },
  {
    name: 'looks at the path of a removal only up to its bracket',
    client: 'syncope',
    found: ['member-missing'],
    fault: () => changesOperation((each) => (each.path?.startsWith('members[') === true ? removeAll() : each)),
  },
  {
    name: 'refuses JSON text as a value',
    client: 'scim-sdk',
    found: ['update-refused', 'membership-refused'],
    fault: () => refusesOperation(isText),
  },
  {
    name: 'accepts JSON text as a value and ignores it',
    client: 'scim-sdk',
    found: ['update-ignored'],
    fault: () => changesOperation((each) => (isText(each) ? undefined : each)),
  },
  {
    name: 'refuses a list of one object where a path is missing',
    client: 'scim-sdk',
    found: ['update-refused'],
    fault: () => refusesOperation(({ path, value }) => path === undefined && Array.isArray(value)),
  },
  {
    name: 'refuses a list of one for a single value',
    client: 'scim-sdk',
    found: ['update-refused'],
    fault: () => refusesOperation(({ path, value }) => path === 'title' && Array.isArray(value)),
  },
  {
    name: 'calls its responses plain JSON',
    client: 'scim-sdk',
    found: ['wrong-type'],
    fault: () => ({ change: (_, { headers }) => ({ headers: { ...headers, 'content-type': 'application/json' } }) }),
  },
  {
    name: 'takes a single operation in a PATCH',
    client: 'ssosync',
    found: ['update-refused'],
    fault: () => ({
      response: (asked) => (operationsOf(asked).length > 1 ? refusal(400, 'tooMany') : undefined),
    }),
  },
  {
    name: 'refuses an address that has only a type',
    client: 'ssosync',
    found: ['create-refused'],
    fault: () => ({
      response: ({ body }) =>
        JSON.stringify(body?.['addresses'] ?? []) === '[{"type":"work"}]' ? refusal(400, 'invalidValue') : undefined,
    }),
  },
  {
    name: 'refuses an empty list of members',
    client: 'ssosync',
    found: ['create-refused'],
    fault: () => ({
      response: ({ body }) =>
        JSON.stringify(body?.['members'] ?? '') === '[]' ? refusal(400, 'invalidValue') : undefined,
    }),
  },
  {
    name: 'empties the group where ssosync removes listed members',
    client: 'ssosync',
    found: ['member-missing'],
    fault: () => changesOperation((each) => (each.op === 'remove' && each.path === 'members' ? removeAll() : each)),
  },
  {
    name: 'refuses a user without schemas',
    client: 'databricks',
    found: ['create-refused'],
    fault: () => ({
      response: ({ path, body }) =>
        path === '/Users' && body !== undefined && body['schemas'] === undefined ? refusal(400) : undefined,
    }),
  },
  {
    name: 'refuses a group without schemas',
    client: 'databricks',
    found: ['update-refused'],
    fault: () => ({
      response: ({ method, path, body }) =>
        method === 'PUT' && isGroup(path) && body?.['schemas'] === undefined ? refusal(400) : undefined,
    }),
  },
  {
    name: 'refuses active as text of Databricks',
    client: 'databricks',
    found: ['disable-refused'],
    fault: () => refusesOperation(({ path, value }) => path === 'active' && typeof value === 'string'),
  },
  {
    name: 'refuses a count above its page size',
    client: 'databricks',
    found: ['match-refused'],
    fault: () => ({
      response: ({ path }) => (path.includes('count=10000') ? refusal(400, 'invalidValue') : undefined),
    }),
  },
  {
    name: 'refuses members inside the value of members',
    client: 'salesforce',
    found: ['membership-refused'],
    fault: () => refusesOperation(isWrapped),
  },
  {
    name: 'finds no member to remove inside the value of members',
    client: 'salesforce',
    found: ['member-kept'],
    fault: () => changesOperation((each) => (each.op === 'remove' && isWrapped(each) ? undefined : each)),
  },
  {
    name: 'reads members inside the value of members as all members',
    client: 'salesforce',
    found: ['member-missing'],
    fault: () => changesOperation((each) => (each.op === 'remove' && isWrapped(each) ? removeAll() : each)),
  },
];
