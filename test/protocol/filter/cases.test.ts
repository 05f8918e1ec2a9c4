import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { defaultLimits } from '../../../src/limits.js';
import { parseFilter } from '../../../src/protocol/filter/parse.js';
import { enterpriseUserSchema } from '../../../src/schema/core/enterprise-user.js';
import { groupSchema } from '../../../src/schema/core/group.js';
import { userSchema } from '../../../src/schema/core/user.js';
import { readResource } from '../../../src/schema/read-resource.js';
import { compileResourceType, type ResourceType } from '../../../src/schema/resource-type.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import type { Stored } from '../../../src/contract/resource.js';

interface Seed {
  readonly key: string;
  readonly body: Attributes;
}
interface Case {
  readonly id: string;
  readonly endpoint?: 'Groups';
  readonly filter?: string;
  readonly query?: string;
  readonly expect: 'match' | 'reject';
  readonly matches?: readonly string[];
  readonly reading: string;
}
interface Cases {
  readonly users: readonly Seed[];
  readonly groups: readonly Seed[];
  readonly cases: readonly Case[];
}

const data = JSON.parse(readFileSync(new URL('../../cases/filters.json', import.meta.url), 'utf8')) as Cases;
const base = 'https://scim.example.com/v2';
const run = 'x123456q-';
const uuid = '7f3bbd8c-7c4a-4d57-9a51-0d9f3c2a8d11';
const useQuirk = (): boolean => true;

const users = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});
const groups = compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema });

/** A resource as a client sees it, for the placeholders of its parts. */
interface Made {
  readonly key: string;
  readonly endpoint: string;
  readonly resource: Stored<Attributes>;
}
const made = new Map<string, Made>();

function make(seeds: readonly Seed[], type: ResourceType, prefix: string): Made[] {
  return seeds.map(({ key, body }, i) => {
    const created = new Date(Date.UTC(2026, 0, 2, 3, 4, 5 + i, 678));
    const resource: Stored<Attributes> = {
      ...readResource(type, JSON.parse(fill(JSON.stringify(body))), useQuirk),
      id: `${prefix}ab${String(i)}`,
      // A store may keep dates as either.
      meta: {
        created: i % 2 === 0 ? created : created.toISOString(),
        lastModified: created,
        version: `v${String(i)}.a`,
      },
    };
    const one = { key, endpoint: type.endpoint, resource };
    made.set(prefix + key, one);
    return one;
  });
}

function find(prefix: string, name: string): Made {
  const ofKind = [...made].filter(([key]) => key.startsWith(prefix)).map(([, one]) => one);
  const one = name === 'first' ? ofKind[0] : name === 'last' ? ofKind.at(-1) : made.get(prefix + name);
  if (one === undefined) throw new Error(`no ${name}`);
  return one;
}

/** An instant in another zone, moved by seconds, with more digits; its fraction is kept. */
function when(time: Date, modifiers: readonly string[]): string {
  let zone = 'Z';
  let moved = time.getTime();
  let zeros = '';
  for (const modifier of modifiers) {
    if (/^[+-]\d\d:\d\d$/.test(modifier)) zone = modifier;
    else if (/^0+$/.test(modifier)) zeros = modifier;
    else moved += Number(modifier) * 1000;
  }
  const offset =
    zone === 'Z' ? 0 : Number(`${zone.slice(0, 1)}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  return `${new Date(moved + offset * 60_000).toISOString().slice(0, -1)}${zeros}${zone}`;
}

function fill(text: string): string {
  return text.replace(
    /\{(run|RUN|uuid|id|ID|gid|created|location|version)(?::([^}]*))?\}/g,
    (_, kind: string, argument = '') => {
      const [name = '', ...modifiers] = String(argument).split('|');
      switch (kind) {
        case 'run':
          return run;
        case 'RUN':
          return run.toUpperCase();
        case 'uuid':
          return uuid;
        case 'id':
          return find('u-', name).resource.id;
        case 'ID':
          return find('u-', name).resource.id.toUpperCase();
        case 'gid':
          return find('g-', name).resource.id;
        case 'created':
          return when(new Date(find('u-', name).resource.meta.created ?? Number.NaN), modifiers);
        case 'location': {
          const { endpoint, resource } = find('u-', name);
          return `${base}${endpoint}/${resource.id}`;
        }
        default:
          return JSON.stringify(`W/"${find('u-', name).resource.meta.version}"`).slice(1, -1);
      }
    },
  );
}

/** Users can refer to users that are created later: ids depend on the place in the list only. */
function makeUsers(): Made[] {
  data.users.forEach(({ key }, i) => {
    const meta = { created: new Date(0), lastModified: new Date(0), version: '' };
    made.set(`u-${key}`, { key, endpoint: '/Users', resource: { id: `u-ab${String(i)}`, meta } });
  });
  return make(data.users, users, 'u-');
}

/** Stores derive `groups` from the members of groups. */
function withGroups(all: readonly Made[], theirs: readonly Made[]): Made[] {
  return all.map((one) => {
    const values = theirs
      .filter(({ resource }) =>
        ((resource['members'] ?? []) as readonly Attributes[]).some((member) => member['value'] === one.resource.id),
      )
      .map(({ resource }) => ({ value: resource.id, display: resource['displayName'], type: 'direct' }));
    return values.length === 0 ? one : { ...one, resource: { ...one.resource, groups: values } };
  });
}

const allUsers = makeUsers();
const allGroups = make(data.groups, groups, 'g-');
const resources = { Users: withGroups(allUsers, allGroups), Groups: allGroups };

function ask(filter: string, endpoint: 'Users' | 'Groups'): string[] {
  const { matches } = parseFilter(filter, endpoint === 'Users' ? users : groups, {
    limits: defaultLimits,
    useQuirk,
    base,
    endpoints: new Map([
      ['User', '/Users'],
      ['Group', '/Groups'],
    ]),
  });
  return resources[endpoint].filter(({ resource }) => matches(resource)).map(({ key }) => key);
}

describe('the filter cases', () => {
  it.each(data.cases.map((one) => [one.id, one.filter ?? one.query, one] as const))('%s: %s', (_id, _filter, one) => {
    const filter =
      one.query === undefined ? fill(one.filter ?? '') : (new URLSearchParams(fill(one.query)).get('filter') ?? '');
    const response = (): string[] => ask(filter, one.endpoint ?? 'Users');
    if (one.expect === 'reject')
      expect(response).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidFilter' }));
    else expect(response().sort()).toEqual([...(one.matches ?? [])].sort());
  });
});
