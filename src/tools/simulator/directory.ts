import { departments, familyNames, givenNames, locales, places, titles } from './names.js';

/** A user in the directory of the identity provider. */
export interface DirectoryUser {
  /** ID in the directory; not known to the server. */
  readonly key: string;
  readonly givenName: string;
  readonly familyName: string;
  /** Contains the run ID, so that it is unique on the server. */
  readonly userName: string;
  readonly email: string;
  readonly externalId: string;
  readonly title: string;
  readonly department: string;
  readonly employeeNumber: string;
  readonly costCenter: string;
  readonly phone: string;
  /** Unset at first. */
  readonly mobile: string | undefined;
  readonly locale: string;
  /** Key of a user that may come later in the directory. */
  readonly managerKey: string | undefined;
}

export interface Team {
  readonly key: string;
  readonly displayName: string;
  readonly externalId: string;
  /** Keys of users; the first group contains all users, the last none. */
  readonly members: readonly string[];
}

/** The users and groups that are to be provisioned. */
export interface Directory {
  readonly users: readonly DirectoryUser[];
  readonly teams: readonly Team[];
}

/** The input of a directory: the same input gives the same directory on every machine. */
export interface DirectorySize {
  readonly seed: number;
  /** Part of each name that must be unique. */
  readonly run: string;
  readonly users: number;
  readonly groups: number;
}

/** A realistic directory: names in many languages, managers, groups of all sizes. */
export function directoryOf({ seed, run, users: userCount, groups }: DirectorySize): Directory {
  const random = randomFrom(seed);
  const users = Array.from({ length: userCount }, (_, place) => userAt(place, userCount, run, random));
  const teams = Array.from({ length: groups }, (_, place): Team => {
    const share = place === 0 ? 1 : place === groups - 1 ? 0 : 0.2 + 0.5 * random();
    return {
      key: `g${String(place)}`,
      displayName: `${pick(places, random)} ${String(place + 1)} ${run}`,
      externalId: `${run}-g${String(place)}`,
      members: users.filter(() => random() < share).map(({ key }) => key),
    };
  });
  return { users, teams };
}

function userAt(place: number, userCount: number, run: string, random: () => number): DirectoryUser {
  const givenName = pick(givenNames, random);
  const familyName = pick(familyNames, random);
  const id = `${String(place)}.${run}`;
  const name = `${ascii(givenName)}.${ascii(familyName)}.${id}`;
  // A manager can be anywhere in the directory, also after its users.
  const manager = Math.floor(random() * userCount);
  return {
    key: `p${String(place)}`,
    givenName,
    familyName,
    userName: `${name}@Example.com`,
    email: `${name.toLowerCase()}@example.com`,
    externalId: `${run}-p${String(place)}`,
    title: pick(titles, random),
    department: pick(departments, random),
    employeeNumber: String(700_000 + place),
    costCenter: `0${String(100 + Math.floor(random() * 900))}`,
    phone: `+1 (555) 010-${String(place).padStart(4, '0')}`,
    mobile: undefined,
    locale: pick(locales, random),
    managerKey: manager === place ? undefined : `p${String(manager)}`,
  };
}

/** The items at `first`, `first + step`, and so on; at least one, unless the list is empty. */
export function everyOf<T>(list: readonly T[], step: number, first = 0): readonly T[] {
  const found = list.filter((_, place) => place % step === first % step);
  return found.length > 0 ? found : list.slice(0, 1);
}

/** The same user after a year: another title and department, a new family name, a first mobile phone. */
export function yearLater(user: DirectoryUser): DirectoryUser {
  return {
    ...user,
    familyName: `${user.familyName}-Lindström`,
    title: `Senior ${user.title}`,
    department: `${user.department} West`,
    phone: user.phone.replace('555', '444'),
    mobile: user.phone.replace('555', '777'),
  };
}

/** The same user under another name to sign in with. */
export function renamed(user: DirectoryUser): DirectoryUser {
  return { ...user, userName: `New.${user.userName}`, email: `new.${user.email}` };
}

/** As HR records it. */
export function fullName(user: DirectoryUser): string {
  return `${user.givenName} ${user.familyName}`;
}

/** Letters that a sign-in name can have; `x` where none remains. */
function ascii(name: string): string {
  const letters = name
    .normalize('NFD')
    .replace(/ł/g, 'l')
    .replace(/ß/g, 'ss')
    .replace(/[^A-Za-z']/g, '');
  return letters === '' ? 'x' : letters;
}

function pick(list: readonly string[], random: () => number): string {
  return list[Math.floor(random() * list.length)] ?? '';
}

/** Mulberry32: numbers from 0 to 1 that depend only on the seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
