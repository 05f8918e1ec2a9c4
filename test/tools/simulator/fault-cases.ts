import type { ClientId, RuleId } from '../../../src/tools/index.js';
import { done, eachResource, everyNth, type Fault, operationsOf, refusal, without, withOperations } from './faulty.js';

/** A fault, the client that meets it, and what must be found. */
export interface FaultCase {
  readonly name: string;
  readonly client: ClientId;
  readonly found: readonly RuleId[];
  /** Made anew for each run: some faults remember. */
  readonly fault: () => Fault;
}

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const isUser = (path: string): boolean => path.startsWith('/Users/');
const isGroup = (path: string): boolean => path.startsWith('/Groups/');
const isList = (body: Readonly<Record<string, unknown>> | undefined): boolean => Array.isArray(body?.['Resources']);
/** The response that puts an Entra job into quarantine. */
export const lookup404: Fault = {
  change: (_, { body }) => (isList(body) && body?.['totalResults'] === 0 ? refusal(404) : undefined),
};
const oldUrns: Fault = {
  response: ({ body }) =>
    JSON.stringify(body?.['schemas'] ?? []).includes('urn:scim:') ? refusal(400, 'invalidValue') : undefined,
};

export const faultCases: readonly FaultCase[] = [
  { name: 'returns 404 when nothing matches', client: 'entra', found: ['empty-match'], fault: () => lookup404 },
  {
    name: 'returns 404 when nothing matches, which Okta accepts',
    client: 'okta',
    found: ['empty-match'],
    fault: () => lookup404,
  },
  {
    name: 'accepts only lower-case operations',
    client: 'entra',
    found: ['update-refused', 'disable-refused', 'membership-refused', 'manager-refused'],
    fault: () => ({
      response: (asked) =>
        operationsOf(asked).some(({ op }) => /[A-Z]/.test(op)) ? refusal(400, 'invalidSyntax') : undefined,
    }),
  },
  {
    name: 'rejects booleans as strings',
    client: 'entra',
    found: ['disable-refused'],
    fault: () => ({
      response: (asked) =>
        operationsOf(asked).some(({ path, value }) => path === 'active' && typeof value === 'string')
          ? refusal(400, 'invalidValue')
          : undefined,
    }),
  },
  {
    name: 'rejects a replace without a path and with dotted keys',
    client: 'entra-flag',
    found: ['update-refused'],
    fault: () => ({
      response: (asked) =>
        operationsOf(asked).some(({ value }) => Object.keys(value ?? {}).some((key) => key.includes('.')))
          ? refusal(400, 'invalidPath')
          : undefined,
    }),
  },
  {
    name: 'loses some members that are added concurrently',
    client: 'entra',
    found: ['member-missing'],
    fault: () => {
      const lost = everyNth(2);
      return {
        response: (asked) =>
          isGroup(asked.path) && operationsOf(asked).some(({ op }) => op === 'Add') && lost() ? done : undefined,
      };
    },
  },
  {
    name: 'accepts PATCH of users and does nothing',
    client: 'entra',
    found: ['update-ignored', 'disable-ignored', 'manager-wrong'],
    fault: () => ({ response: ({ method, path }) => (method === 'PATCH' && isUser(path) ? done : undefined) }),
  },
  {
    name: 'accepts PATCH of users and does nothing, to Okta',
    client: 'okta',
    found: ['disable-ignored'],
    fault: () => ({ response: ({ method, path }) => (method === 'PATCH' && isUser(path) ? done : undefined) }),
  },
  {
    name: 'disables but never enables',
    client: 'okta',
    found: ['enable-ignored'],
    fault: () => ({
      response: (asked) =>
        operationsOf(asked).some(({ value }) => (value as { active?: unknown } | undefined)?.active === true)
          ? done
          : undefined,
    }),
  },
  {
    name: 'returns another version each time',
    client: 'entra',
    found: ['version-moves'],
    fault: () => {
      let version = 0;
      return {
        change: (_, given) =>
          eachResource(given, (resource) => ({
            ...resource,
            meta: { ...(resource['meta'] as object | undefined), version: `W/"${String(++version)}"` },
          })),
      };
    },
  },
  {
    name: 'returns userName in lower case',
    client: 'entra',
    found: ['value-changed', 'cycle-writes'],
    fault: () => ({
      change: (_, given) =>
        eachResource(given, (resource) =>
          typeof resource['userName'] === 'string'
            ? { ...resource, userName: resource['userName'].toLowerCase() }
            : resource,
        ),
    }),
  },
  {
    name: 'reformats phone numbers',
    client: 'okta',
    found: ['value-changed', 'cycle-writes'],
    fault: () => ({
      rewrite: ({ body }) => ({
        body: body && (JSON.parse(JSON.stringify(body).replaceAll('(555)', '555')) as Record<string, unknown>),
      }),
    }),
  },
  {
    name: 'has pages that overlap',
    client: 'okta',
    found: ['page-unstable'],
    fault: () => ({
      rewrite: ({ path }) => ({ path: path.replace(/^\/Users\?startIndex=6&/, '/Users?startIndex=5&') }),
    }),
  },
  {
    name: 'has pages that overlap, for an aggregation',
    client: 'sailpoint',
    found: ['page-unstable'],
    fault: () => ({
      rewrite: ({ path }) => ({ path: path.replace(/^\/Users\?startIndex=6&/, '/Users?startIndex=5&') }),
    }),
  },
  {
    name: 'returns 500 for an unknown member',
    client: 'entra',
    found: ['unknown-member-error'],
    fault: () => {
      const known = new Set<unknown>();
      return {
        response: (asked) =>
          isGroup(asked.path) &&
          operationsOf(asked).some(
            ({ op, value }) =>
              op === 'Add' && (value as { value: string }[]).some((member) => !known.has(member.value)),
          )
            ? refusal(500)
            : undefined,
        change: ({ method }, { body }) => {
          if (method === 'POST') known.add(body?.['id']);
          return undefined;
        },
      };
    },
  },
  ...(['entra', 'okta'] as const).map((client): FaultCase => ({
    name: `hides disabled users from ${client}`,
    client,
    found: ['disabled-hidden'],
    fault: () => ({
      change: ({ method }, given) => {
        if (method !== 'GET') return undefined;
        if (given.body?.['active'] === false) return refusal(404);
        const list = given.body?.['Resources'];
        if (!Array.isArray(list)) return undefined;
        const shown = (list as { active?: boolean }[]).filter(({ active }) => active !== false);
        return { body: { ...given.body, Resources: shown, totalResults: shown.length } };
      },
    }),
  })),
  {
    name: 'shows members that were excluded',
    client: 'entra',
    found: ['members-shown'],
    fault: () => ({ rewrite: ({ path }) => ({ path: path.replace('excludedAttributes=members', 'x=y') }) }),
  },
  {
    name: 'returns the password',
    client: 'okta',
    found: ['secret-shown'],
    fault: () => ({
      change: ({ path }, given) =>
        isUser(path) ? eachResource(given, (user) => ({ ...user, password: 'p' })) : undefined,
    }),
  },
  {
    name: 'accepts the same userName twice',
    client: 'entra',
    found: ['conflict-accepted'],
    fault: () => ({
      change: ({ body }, given) =>
        given.status === 409 ? { status: 201, body: { ...body, id: 'another-one' } } : undefined,
    }),
  },
  {
    name: 'returns 400 for a userName in use',
    client: 'authentik',
    found: ['conflict-unclear'],
    fault: () => ({ change: (_, given) => (given.status === 409 ? refusal(400, 'uniqueness') : undefined) }),
  },
  {
    name: 'accepts any key',
    client: 'entra',
    found: ['wrong-key-accepted'],
    fault: () => ({
      rewrite: ({ headers }) => ({ headers: { ...headers, authorization: 'Bearer a-connector-key-for-tests' } }),
    }),
  },
  {
    name: 'returns totals as strings',
    client: 'okta',
    found: ['not-a-list'],
    fault: () => ({
      change: (_, { body }) =>
        isList(body) ? { body: { ...body, totalResults: String(body?.['totalResults']) } } : undefined,
    }),
  },
  {
    name: 'creates with an empty response',
    client: 'okta',
    found: ['create-unreadable'],
    fault: () => ({ change: (_, { status }) => (status === 201 ? { body: {} } : undefined) }),
  },
  {
    name: 'accepts DELETE and does nothing',
    client: 'entra',
    found: ['delete-ignored'],
    fault: () => ({ response: ({ method }) => (method === 'DELETE' ? done : undefined) }),
  },
  {
    name: 'empties the group where one member is to be removed',
    client: 'entra',
    found: ['member-missing'],
    fault: () => ({
      rewrite: (asked) =>
        asked.method === 'PATCH'
          ? withOperations(
              asked,
              operationsOf(asked).map((each) =>
                each.op === 'Remove' && each.path === 'members' ? without(each, 'value') : each,
              ),
            )
          : undefined,
    }),
  },
  {
    name: 'ignores a removal by filter',
    client: 'okta',
    found: ['member-kept'],
    fault: () => ({
      rewrite: (asked) => {
        const kept = operationsOf(asked).filter(({ path }) => path?.startsWith('members[') !== true);
        return asked.method === 'PATCH' && kept.length > 0 ? withOperations(asked, kept) : undefined;
      },
    }),
  },
  {
    name: 'returns the manager as a string',
    client: 'entra',
    found: ['manager-wrong'],
    fault: () => ({
      change: (_, given) =>
        eachResource(given, (resource) => {
          const extension = resource[enterprise] as { manager?: { value: string } } | undefined;
          return extension?.manager === undefined
            ? resource
            : { ...resource, [enterprise]: { ...extension, manager: extension.manager.value } };
        }),
    }),
  },
  {
    name: 'finds names only in the exact case',
    client: 'entra',
    found: ['match-missed'],
    fault: () => ({
      rewrite: ({ path }) =>
        /userName\+eq\+%22[^a-z]+%22/.test(path) ? { path: path.replace(/%22.*/, '%22x%22') } : undefined,
    }),
  },
  {
    name: 'does not announce bulk',
    client: 'authentik',
    found: ['discovery-incomplete'],
    fault: () => ({
      change: (_, { body }) => (body?.['bulk'] === undefined ? undefined : { body: without(body, 'bulk') }),
    }),
  },
  {
    name: 'has no resource types',
    client: 'sailpoint',
    found: ['discovery-incomplete'],
    fault: () => ({ response: ({ path }) => (path.startsWith('/ResourceTypes') ? refusal(404) : undefined) }),
  },
  ...(['google', 'onelogin'] as const).map((client): FaultCase => ({
    name: `refuses plain JSON of ${client}`,
    client,
    found: ['create-refused'],
    fault: () => ({
      response: ({ headers, body }) =>
        body !== undefined && headers['content-type'] === 'application/json' ? refusal(415) : undefined,
    }),
  })),
  { name: 'refuses old URNs of Google', client: 'google', found: ['create-refused'], fault: () => oldUrns },
  { name: 'refuses old URNs of OneLogin', client: 'onelogin', found: ['update-refused'], fault: () => oldUrns },
  {
    name: 'rejects empty strings',
    client: 'onelogin',
    found: ['create-refused'],
    fault: () => ({
      response: ({ body }) => (JSON.stringify(body ?? {}).includes('""') ? refusal(400, 'invalidValue') : undefined),
    }),
  },
  {
    name: 'fails on a trailing ampersand',
    client: 'onelogin',
    found: ['match-refused'],
    fault: () => ({ response: ({ path }) => (path.endsWith('&') ? refusal(400, 'invalidFilter') : undefined) }),
  },
  {
    name: 'does not support a filter on emails without a sub-attribute',
    client: 'ping',
    found: ['match-refused'],
    fault: () => ({
      response: ({ path }) => (path.includes('filter=emails%20eq') ? refusal(400, 'invalidFilter') : undefined),
    }),
  },
  {
    name: 'loses the members of a group that is replaced',
    client: 'keycloak',
    found: ['member-missing'],
    fault: () => ({
      rewrite: ({ method, path, body }) =>
        method === 'PUT' && isGroup(path) && body !== undefined ? { body: without(body, 'members') } : undefined,
    }),
  },
  {
    name: 'creates groups without their members',
    client: 'rippling',
    found: ['member-missing'],
    fault: () => ({
      rewrite: ({ method, path, body }) =>
        method === 'POST' && path === '/Groups' && body !== undefined ? { body: without(body, 'members') } : undefined,
    }),
  },
  {
    name: 'rejects members that already exist',
    client: 'jumpcloud',
    found: ['retry-refused'],
    fault: () => {
      const known = new Set<string>();
      return {
        response: (asked) => {
          const added = operationsOf(asked)
            .filter(({ op }) => op === 'add')
            .flatMap(({ value }) => value as { value: string }[]);
          const again = added.some((member) => known.has(`${asked.path} ${member.value}`));
          for (const member of added) known.add(`${asked.path} ${member.value}`);
          return again ? refusal(409, 'uniqueness') : undefined;
        },
      };
    },
  },
  {
    name: 'fails at every PATCH of a user',
    client: 'entra',
    found: ['server-error'],
    fault: () => ({ response: ({ method, path }) => (method === 'PATCH' && isUser(path) ? refusal(500) : undefined) }),
  },
  {
    name: 'always returns 429',
    client: 'entra',
    found: ['throttled', 'throttled-no-retry-after'],
    fault: () => ({
      response: ({ path, method }) => (method === 'POST' && path === '/Groups' ? refusal(429) : undefined),
    }),
  },
  {
    name: 'forgets the key during the run',
    client: 'okta',
    found: ['unauthorized'],
    fault: () => ({ response: ({ path }) => (isGroup(path) ? refusal(401) : undefined) }),
  },
];
