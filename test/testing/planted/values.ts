/** Faults in what is kept of a resource. */
import type { Attributes, Json } from '../../../src/contract/attribute.js';
import type { Stored } from '../../../src/contract/resource.js';
import { Table } from '../../stores/broken/sound-store.js';
import {
  attribute,
  enterprise,
  inBoth,
  inGroups,
  inUsers,
  ofTables,
  type PlantedFault,
  returned,
  texts,
  written,
} from './alter.js';

type Texts = Readonly<Record<string, Json>>;

const users = (change: (attributes: Attributes) => Attributes) => () => inUsers(written(change));
const both = (change: (attributes: Attributes) => Attributes) => () => inBoth(written(change));

const only =
  (...names: readonly string[]) =>
  (value: Texts): unknown =>
    Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
const without =
  (...names: readonly string[]) =>
  (value: Texts): unknown =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

const nameParts = ['givenName', 'familyName', 'middleName'];

/** Whether an update is no change. @param form texts with one form are the same value */
function comparing(form: (value: unknown) => unknown): typeof Table {
  return class<R extends object> extends Table<R> {
    protected override valuesAfter(...args: Parameters<Table<R>['valuesAfter']>): Stored<R> {
      const [row] = args;
      const after = super.valuesAfter(...args);
      const same = Object.entries(after).map(([name, value]: [string, unknown]) => {
        const before: unknown = Reflect.get(row.resource, name);
        return [
          name,
          before !== undefined && JSON.stringify(form(before)) === JSON.stringify(form(value)) ? before : value,
        ];
      });
      return Object.fromEntries(same) as Stored<R>;
    }
  };
}

/** The values of a list in another order. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? [...(value as readonly unknown[])].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : value;
const mapTexts = (change: (text: string) => string) => {
  const form = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value);
    if (Array.isArray(value)) return value.map(form);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, form(each)]));
  };
  return form;
};

/** An unset that leaves the rows of one multi-valued attribute, and a replacement that leaves those beyond its own. */
function rowsLeft(name: string, kind: 'unset' | 'replaced'): typeof Table {
  return class<R extends object> extends Table<R> {
    protected override valuesAfter(...args: Parameters<Table<R>['valuesAfter']>): Stored<R> {
      const [row, change] = args;
      const after = super.valuesAfter(...args);
      const old: unknown = Reflect.get(row.resource, name);
      const now: unknown = Reflect.get(after, name);
      if (kind === 'unset') {
        return (change.unset as readonly string[]).includes(name) && old !== undefined
          ? { ...after, [name]: old }
          : after;
      }
      return Array.isArray(old) && Array.isArray(now) && old.length > now.length
        ? { ...after, [name]: [...(now as unknown[]), ...old.slice(now.length)] }
        : after;
    }
  };
}

export const valueFaults: readonly PlantedFault[] = [
  {
    name: 'values-sorted',
    what: 'the values of an attribute come back in the order of their text',
    caughtBy: [],
    create: users(attribute('emails', (all: readonly Texts[]) => sorted(all))),
  },
  {
    name: 'primary-first',
    what: 'the primary value is moved to the front',
    caughtBy: [],
    create: users(
      attribute('emails', (all: readonly Texts[]) =>
        [...all].sort((a, b) => Number(b['primary'] === true) - Number(a['primary'] === true)),
      ),
    ),
  },
  {
    name: 'values-deduplicated',
    what: 'values with the same `value` and another type are taken for one',
    caughtBy: [],
    create: users(
      attribute('phoneNumbers', (all: readonly Texts[]) => [
        ...new Map(all.map((each) => [each['value'], each])).values(),
      ]),
    ),
  },
  {
    name: 'first-value',
    what: 'one phone number is kept',
    caughtBy: [],
    create: users(attribute('phoneNumbers', (all: readonly Texts[]) => all.slice(0, 1))),
  },
  {
    name: 'one-of-each-type',
    what: 'one address of each type is kept',
    caughtBy: [],
    create: users(
      attribute('addresses', (all: readonly Texts[]) => [...new Map(all.map((each) => [each['type'], each])).values()]),
    ),
  },
  {
    name: 'name-parts',
    what: 'the parts of a name that have no column are dropped',
    caughtBy: [],
    create: users(attribute('name', only(...nameParts))),
  },
  {
    name: 'name-formatted',
    what: 'name.formatted is made of the other parts',
    caughtBy: [],
    create: users(
      attribute('name', (name: Texts) =>
        'formatted' in name
          ? { ...name, formatted: `${String(name['givenName'])} ${String(name['familyName'])}` }
          : name,
      ),
    ),
  },
  {
    name: 'address-parts',
    what: 'region and postalCode of an address are dropped',
    caughtBy: [],
    create: users(attribute('addresses', (all: readonly Texts[]) => all.map(without('region', 'postalCode')))),
  },
  {
    name: 'email-display',
    what: 'display of an email is dropped',
    caughtBy: [],
    create: users(attribute('emails', (all: readonly Texts[]) => all.map(without('display')))),
  },
  {
    name: 'role-type',
    what: 'type of a role is dropped',
    caughtBy: [],
    create: users(attribute('roles', (all: readonly Texts[]) => all.map(without('type')))),
  },
  {
    name: 'organization',
    what: 'organization and division of the enterprise extension are dropped',
    caughtBy: [],
    create: users(attribute(enterprise, without('organization', 'division'))),
  },
  {
    name: 'lower-emails',
    what: 'emails are stored in lower case',
    caughtBy: [],
    create: users(
      attribute('emails', (all: readonly Texts[]) =>
        all.map((each) => ({ ...each, value: String(each['value']).toLowerCase() })),
      ),
    ),
  },
  {
    name: 'lower-types',
    what: 'the type of a value is stored in lower case',
    caughtBy: [],
    create: users(
      attribute('emails', (all: readonly Texts[]) =>
        all.map((each) => ('type' in each ? { ...each, type: String(each['type']).toLowerCase() } : each)),
      ),
    ),
  },
  {
    name: 'url-normalized',
    what: 'a URL is stored as `new URL()` prints it',
    caughtBy: [],
    create: users(attribute('profileUrl', (url: string) => new URL(url).href)),
  },
  {
    name: 'phone-normalized',
    what: 'hyphens of a phone number are dropped',
    caughtBy: [],
    create: users(
      attribute('phoneNumbers', (all: readonly Texts[]) =>
        all.map((each) => ({ ...each, value: String(each['value']).replaceAll('-', '') })),
      ),
    ),
  },
  {
    name: 'locale-normalized',
    what: 'a locale is stored with an underscore',
    caughtBy: [],
    create: users(attribute('locale', (locale: string) => locale.replace('-', '_'))),
  },
  {
    name: 'user-name-normalized',
    what: 'userName is stored in NFKC',
    caughtBy: [],
    create: users(attribute('userName', (text: string) => text.normalize('NFKC'))),
  },
  {
    name: 'user-name-trimmed',
    what: 'userName is cut at 100 characters',
    caughtBy: [],
    create: users(attribute('userName', (text: string) => text.slice(0, 100))),
  },
  {
    name: 'group-name-trimmed',
    what: 'displayName of a group is cut at 64 characters',
    caughtBy: [],
    create: () => inGroups(written(attribute('displayName', (text: string) => text.slice(0, 64)))),
  },
  {
    name: 'trimmed-texts',
    what: 'white space around texts is dropped',
    caughtBy: [],
    create: both(texts((text) => text.trim() || text)),
  },
  {
    name: 'digits-as-number',
    what: 'a text of digits becomes a number and loses its zeros',
    caughtBy: [],
    create: both(texts((text) => (/^\d+$/.test(text) ? String(Number(text)) : text))),
  },
  {
    name: 'revived-dates',
    what: 'a text that looks like a time is returned as another spelling of it',
    caughtBy: [],
    create: () =>
      inBoth(
        returned((resource) =>
          texts((text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? new Date(text).toISOString() : text))(
            resource as unknown as Attributes,
          ),
        ),
      ),
  },
  {
    name: 'parsed-json',
    what: 'a text that is JSON is returned as what it says',
    caughtBy: [],
    create: () =>
      inBoth(
        returned((resource) =>
          texts((text) => (text === 'true' || text === 'null' ? (JSON.parse(text) as unknown) : text))(
            resource as unknown as Attributes,
          ),
        ),
      ),
  },
  {
    name: 'utf8mb3',
    what: 'letters above U+FFFF are replaced in group names',
    caughtBy: [],
    create: () =>
      inGroups(written(attribute('displayName', (text: string) => text.replace(/[\u{10000}-\u{10FFFF}]/gu, '?')))),
  },
  {
    name: 'active-default',
    what: 'active is true where nobody has said so',
    caughtBy: [],
    create: () => inUsers(returned((resource) => ({ active: true, ...resource }))),
  },
  {
    name: 'display-name-default',
    what: 'a user without displayName gets userName as one',
    caughtBy: [],
    create: () => inUsers(returned((resource) => ({ displayName: resource['userName'], ...resource }))),
  },
  {
    name: 'same-but-case',
    what: 'a text that differs in letter case alone is no change',
    caughtBy: [],
    create: () => ofTables(comparing(mapTexts((text) => (text.includes('@') ? text : text.toLowerCase())))),
  },
  {
    name: 'same-but-space',
    what: 'a text that differs in spaces at its end alone is no change',
    caughtBy: [],
    create: () => ofTables(comparing(mapTexts((text) => text.trimEnd()))),
  },
  {
    name: 'same-but-marks',
    what: 'a text that differs in accents alone is no change',
    caughtBy: [],
    create: () => ofTables(comparing(mapTexts((text) => text.normalize('NFD').replace(/\p{M}/gu, '')))),
  },
  {
    name: 'same-but-order',
    what: 'the same values in another order are no change',
    caughtBy: [],
    create: () => ofTables(comparing(sorted)),
  },
  {
    name: 'group-same-but-case',
    what: 'a group name that differs in letter case alone is no change',
    caughtBy: [],
    create: () => ofTables(Table, comparing(mapTexts((text) => text.toLowerCase()))),
  },
  {
    name: 'false-is-absent',
    what: 'active: false of a user without active is no change',
    caughtBy: [],
    create: () =>
      ofTables(
        class<R extends object> extends Table<R> {
          protected override valuesAfter(...args: Parameters<Table<R>['valuesAfter']>): Stored<R> {
            const after = super.valuesAfter(...args);
            if (Reflect.get(after, 'active') === false && !('active' in args[0].resource))
              Reflect.deleteProperty(after, 'active');
            return after;
          }
        },
      ),
  },
  {
    name: 'phones-left',
    what: 'an unset leaves the phone numbers',
    caughtBy: [],
    create: () => ofTables(rowsLeft('phoneNumbers', 'unset')),
  },
  {
    name: 'roles-left',
    what: 'an unset leaves the roles',
    caughtBy: [],
    create: () => ofTables(rowsLeft('roles', 'unset')),
  },
  {
    name: 'title-left',
    what: 'an unset leaves the title',
    caughtBy: [],
    create: () => ofTables(rowsLeft('title', 'unset')),
  },
  {
    name: 'addresses-left',
    what: 'fewer addresses than before leave those behind them',
    caughtBy: [],
    create: () => ofTables(rowsLeft('addresses', 'replaced')),
  },
  {
    name: 'entitlements-left',
    what: 'fewer entitlements than before leave those behind them',
    caughtBy: [],
    create: () => ofTables(rowsLeft('entitlements', 'replaced')),
  },
];
