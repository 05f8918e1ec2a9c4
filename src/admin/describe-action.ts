import type { AuditTrailEntry } from '../lifecycle/connections/audit-trail.js';
import type { Conflict } from '../lifecycle/conflicts/conflicts.js';
import { fateChoices } from './end-connection.js';
import { scopeChoices } from './key-access.js';
import { isProviderId, providerOf } from './providers.js';
import type { Visit } from './visit.js';

/** An action of an administrator, in words. */
export interface DescribedAction {
  /** What was done to what. */
  readonly title: string;
  /** The settings that were chosen, one sentence each. */
  readonly details: readonly string[];
}

type Subjects = Readonly<Record<string, string | undefined>>;
type Describe = (subjects: Subjects, known: Known) => DescribedAction;

/** What an entry is described with. */
interface Known {
  readonly visit: Visit;
  readonly time: Date;
  /** Names of groups by ID. */
  readonly groups: ReadonlyMap<string, string>;
}

const dayMilliseconds = 86_400_000;

const descriptions: Readonly<Record<string, Describe>> = {
  'connection.enabled': just('Enabled provisioning'),
  'connection.disabled': just('Disabled provisioning'),
  'connection.provider': ({ provider = '' }) =>
    titled(`Chose ${isProviderId(provider) ? providerOf(provider).name : provider} as the identity provider`),
  'connection.networks': ({ networks = '' }) =>
    networks === 'every address'
      ? titled('Allowed requests from every address')
      : titled('Changed the allowed networks', `Allowed networks: ${listed(networks)}`),
  'connection.end': ({ users = '', count }) => {
    const fate = fateOf(users);
    return titled('Ended the connection', ...(fate === undefined ? [] : [`${counted(count)} to be ${fate}`]));
  },
  'connection.ended': ({ users = '', processed, refused = '0' }) =>
    titled(
      'The end of the connection is complete',
      `${counted(processed)} ${processed === '1' ? 'was' : 'were'} ${fateOf(users) ?? users}`,
      ...(refused === '0' ? [] : [`${counted(refused)} refused by a rule of the application`]),
    ),
  'key.created': (subjects, known) => {
    const { scope = '', days } = subjects;
    const choice = Object.hasOwn(scopeChoices, scope) ? scopeChoices[scope as keyof typeof scopeChoices] : undefined;
    return titled(
      `Created ${keyIn(subjects, known)}`,
      ...(choice === undefined ? [] : [`Access: ${choice.label.toLowerCase()}`]),
      ...(days === undefined ? [] : [expiry(days, known.time)]),
      ...networkDetail(subjects),
    );
  },
  'key.rotated': (subjects, known) => {
    const { key, old, hours = '0' } = subjects;
    return titled(
      `Rotated ${keyIn({ ...subjects, key: old }, known)}`,
      ...(key === undefined ? [] : [`New key: ${shortKey(known, key)}`]),
      hours === '0'
        ? 'The old key ended at once'
        : `The old key stayed valid for ${hours} ${hours === '1' ? 'hour' : 'hours'}`,
      ...networkDetail(subjects),
    );
  },
  'key.revoked': (subjects, known) => titled(`Revoked ${keyIn(subjects, known)}`),
  'webhook.tested': ({ endpoint }) => titled(`Sent a test event to the endpoint ${endpoint ?? ''}`),
  'webhook.enabled': ({ endpoint }) => titled(`Enabled the endpoint ${endpoint ?? ''}`),
  'webhook.resent': ({ endpoint, delivery }) =>
    endpoint === undefined
      ? titled('Sent a failed delivery again', ...(delivery === undefined ? [] : [`Delivery: ${delivery}`]))
      : titled(`Sent the failed deliveries of the endpoint ${endpoint} again`),
  'conflict.settled': (subjects, known) => describeDecision(subjects, known),
  'role-mapping.added': (subjects, known) =>
    titled(`Gave the group ${groupIn(subjects, known)} the role ${subjects['role'] ?? ''}`),
  'role-mapping.removed': (subjects, known) =>
    titled(`Removed the role ${subjects['role'] ?? ''} from the group ${groupIn(subjects, known)}`),
  'role-mapping.applied': just('Applied the roles to existing users'),
  'setup-link.created': ({ hours }) =>
    titled('Created a set-up link', ...(hours === undefined ? [] : [`It can be used for ${hours} hours`])),
  'setup-link.revoked': just('Revoked the set-up links'),
  'setup-link.used': ({ problem }) =>
    titled('Opened a set-up link', ...(problem === undefined ? [] : [`Problem: ${problem}`])),
};

/**
 * Describes an entry with the names of what it is about. An action of the app, which the panel does not know, is shown
 * as it is.
 */
export function describeAction(
  entry: AuditTrailEntry,
  visit: Visit,
  groups: ReadonlyMap<string, string>,
): DescribedAction {
  const { action, subjects, time } = entry;
  const describe = Object.hasOwn(descriptions, action) ? descriptions[action] : undefined;
  if (describe !== undefined) return describe(subjects, { visit, time, groups });
  return { title: action, details: Object.entries(subjects).map(([name, value]) => `${name}: ${value}`) };
}

function just(title: string): Describe {
  return () => ({ title, details: [] });
}

function titled(title: string, ...details: readonly string[]): DescribedAction {
  return { title, details };
}

/** `the key Entra (scim_240dde02…)` */
function keyIn({ key = '', name }: Subjects, known: Known): string {
  const shown = name ?? known.visit.connection.keys.find(({ id }) => id === key)?.name;
  return shown === undefined ? `the key ${shortKey(known, key)}` : `the key ${shown} (${shortKey(known, key)})`;
}

function shortKey({ visit }: Known, id: string): string {
  return `${visit.options.keyPrefix ?? 'scim'}_${id.slice(0, 8)}…`;
}

function expiry(days: string, created: Date): string {
  if (days === '0') return 'It never expires';
  const end = new Date(created.getTime() + Number(days) * dayMilliseconds);
  return Number.isNaN(end.getTime()) ? `Lifetime: ${days} days` : `Expires on ${end.toISOString().slice(0, 10)}`;
}

function networkDetail({ networks }: Subjects): readonly string[] {
  return networks === undefined ? [] : [`Allowed networks: ${listed(networks)}`];
}

function listed(networks: string): string {
  return networks.split(' ').join(', ');
}

function counted(count = '0'): string {
  return count === '1' ? '1 user' : `${count} users`;
}

function fateOf(users: string): string | undefined {
  return Object.hasOwn(fateChoices, users) ? fateChoices[users as keyof typeof fateChoices].done : undefined;
}

function groupIn({ group = '', name }: Subjects, { groups }: Known): string {
  return name ?? groups.get(group) ?? group;
}

/** Names of users and accounts only for administrators who may see personal data. */
function describeDecision({ conflict: id, decision, account }: Subjects, { visit }: Known): DescribedAction {
  const conflict = visit.conflicts.find((each) => each.id === id);
  const personal = visit.administrator.seePersonalData;
  const user = (personal && conflict !== undefined ? userOf(conflict) : undefined) ?? 'a new user';
  switch (decision) {
    case 'link': {
      if (!personal) return titled('Linked a new user with an existing account');
      return titled(
        `Linked ${user} with ${conflict?.candidates.find((each) => each.id === account)?.label ?? account ?? ''}`,
      );
    }
    case 'create':
      return titled(`Decided that ${user} gets a new account`);
    case 'approve':
      return titled('Approved a mass deactivation');
    case 'refuse':
      return titled(conflict?.kind === 'mass-deactivation' ? 'Refused a mass deactivation' : `Refused ${user}`);
    default:
      return titled('Settled a conflict', ...(account === undefined ? [] : [`Account: ${account}`]));
  }
}

function userOf({ resource }: Conflict): string | undefined {
  return resource?.['userName'] ?? resource?.['displayName'];
}
