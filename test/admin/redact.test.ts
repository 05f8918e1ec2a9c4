import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { harmlessWords } from '../../src/admin/harmless-words.js';
import type { LogEntry } from '../../src/admin/index.js';
import {
  entryWithoutPersonalData,
  hidden,
  urlWithoutPersonalData,
  withoutLiterals,
  withoutPersonalData,
} from '../../src/admin/redact.js';
import { random } from '../random.js';
import { jsonWith, urlWith } from './planted.js';

const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const message = (name: string): string => `urn:ietf:params:scim:api:messages:2.0:${name}`;
const words = harmlessWords();

describe('a body for an administrator without access to personal data', () => {
  it('has the names of attributes, and no personal values', () => {
    const body = {
      schemas: [user, 'urn:example:ada'],
      id: '1',
      userName: 'ada',
      active: false,
      emails: [{ value: 'a@b', type: 'work' }, { type: 'ada’s' }],
      [enterprise]: { department: 'R' },
      meta: {
        resourceType: 'User',
        location: 'https://x/Users/1',
        version: 'W/"ada"',
        created: '2026-01-01T00:00:00Z',
      },
      count: 7,
    };
    expect(withoutPersonalData(body, words)).toEqual({
      schemas: [user, hidden],
      id: hidden,
      userName: hidden,
      active: false,
      emails: [{ value: hidden, type: 'work' }, { type: hidden }],
      [enterprise]: { department: hidden },
      meta: { resourceType: 'User', location: hidden, version: hidden, created: hidden },
      count: hidden,
    });
  });

  it('has the structure of messages', () => {
    const Operations = [
      { op: 'Add', path: 'emails[value eq "a@b"].display', value: 'Ada' },
      { op: 'ada', path: `${enterprise}:manager.value`, value: { 'emails[value eq "a@b"].type': 'work' } },
      { method: 'POST', path: '/Users/ada', bulkId: 'ada', data: { userName: 'ada' }, status: '201' },
    ];
    expect(withoutPersonalData({ schemas: [message('PatchOp')], Operations }, words)).toEqual({
      schemas: [message('PatchOp')],
      Operations: [
        { op: 'Add', path: `emails[value eq ${hidden}].display`, value: hidden },
        { op: hidden, path: `${enterprise}:manager.value`, value: { [`emails[value eq ${hidden}].type`]: hidden } },
        { method: 'POST', path: '/Users/{id}', bulkId: hidden, data: { userName: hidden }, status: '201' },
      ],
    });
    const error = { schemas: [message('Error')], status: '409', scimType: 'uniqueness', detail: 'ada exists' };
    expect(withoutPersonalData(error, words)).toEqual({ ...error, detail: hidden });
    const list = { schemas: [message('ListResponse')], totalResults: 7, startIndex: 1, Resources: [{ count: 7 }] };
    expect(withoutPersonalData(list, words)).toEqual({ ...list, Resources: [{ count: hidden }] });
  });

  it.each(['location', 'status', 'type', 'detail', 'version', 'bulkId', 'id', 'schemas', 'method', 'op', 'sortBy'])(
    'hides an unknown attribute that is called %s',
    (name) =>
      expect(withoutPersonalData({ [name]: 'Ada', x: { [name]: ['Ada'] } }, words)).toEqual({
        [name]: hidden,
        [hidden]: { [name]: [hidden] },
      }),
  );

  it('keeps hidden names apart', () =>
    expect(withoutPersonalData({ ada: 1, eva: 2, ida: true }, words)).toEqual({
      ...{ [hidden]: hidden, [`${hidden} 2`]: hidden, [`${hidden} 3`]: true },
    }));

  it('has the names of the app’s schemas', () => {
    const schema = { id: 'urn:example:Ship', attributes: [{ name: 'ship', subAttributes: [{ name: 'hull' }] }] };
    const body = { 'urn:example:Ship': { ship: { hull: 'Ada' } } };
    const own = harmlessWords([schema]);
    expect(withoutPersonalData(body, own)).toEqual({ 'urn:example:Ship': { ship: { hull: hidden } } });
  });
});

describe('a filter or path for an administrator without access to personal data', () => {
  it.each([
    ['userName eq "ada"', `userName eq ${hidden}`],
    ['userName EQ ada', `userName EQ ${hidden}`],
    ['emails[type eq "work" and value sw "a \\" b"]', `emails[type eq ${hidden} and value sw ${hidden}]`],
    ['title pr and not (active eq true)', `title pr and not (active eq ${hidden})`],
    [`${enterprise}:manager.value eq "1"`, `${enterprise}:manager.value eq ${hidden}`],
    [`${user} eq "1"`, `${user} eq ${hidden}`],
    ['urn:example:ada:title eq "1"', `${hidden} eq ${hidden}`],
    ['userName eq "ada', `userName eq ${hidden}`],
    ['userName eq "a\\', `userName eq ${hidden}`],
    ['"ada"', hidden],
    ['userName eq title "ada"', `userName eq ${hidden} ${hidden}`],
    ['ada@example.com', hidden],
    ['name.givenName, ada', `name.givenName, ${hidden}`],
    ['title '.repeat(1_000), hidden],
  ])('shows %s as %s', (filter, masked) => expect(withoutLiterals(filter, words)).toBe(masked));
});

describe('a URL for an administrator without access to personal data', () => {
  it.each([
    ['/Users/ada', '/Users/{id}'],
    ['/Users/ada@example.com?attributes=title,ada', `/Users/{id}?attributes=title,${hidden}`],
    ['/Schemas/urn:ietf:params:scim:schemas:core:2.0:User', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User'],
    ['/ResourceTypes/User', '/ResourceTypes/User'],
    ['/ada/Users/.search', '/{id}/Users/.search'],
    [
      '/Users?filter=userName%20eq%20%22ada%22&startIndex=1&count=2&other=ada&flag',
      `/Users?filter=userName eq ${hidden}&startIndex=1&count=2&${hidden}=${hidden}&${hidden}`,
    ],
    ['/Users?filter=%zz"ada"', `/Users?filter=${hidden}${hidden}`],
    [
      '/Users?count=ada&sortOrder=ada&sortBy=ada&cursor=ada',
      `/Users?count=${hidden}&sortOrder=${hidden}&sortBy=${hidden}&cursor=${hidden}`,
    ],
    ['/Users?sortOrder=descending&sortBy=userName', '/Users?sortOrder=descending&sortBy=userName'],
  ])('shows %s as %s', (url, shown) => expect(urlWithoutPersonalData(url, words)).toBe(shown));
});

describe('a log entry for an administrator without access to personal data', () => {
  it('never has a secret, wherever the client or the server has put it', () => {
    const secret = 'Sécret-7319@x';
    const body = jsonWith(secret);
    fc.assert(
      fc.property(body, body, urlWith(secret), (request, response, requestUrl) => {
        const entry: LogEntry = {
          ...{ id: '1', time: new Date(0), tenant: 'a', requestId: 'r', outcome: 'refused', status: 400 },
          ...{ milliseconds: 1, quirks: [], resourceId: secret, detail: `No ${secret}`, scimType: secret },
          changes: [{ type: 'user.updated', resourceType: 'User', resourceId: secret, attributes: [secret, 'title'] }],
          request: { method: secret, url: requestUrl, body: request },
          response,
        };
        const shown = JSON.stringify(entryWithoutPersonalData(entry, words));
        expect(shown).not.toContain(secret);
        expect(shown).not.toContain(encodeURIComponent(secret));
      }),
      random(),
    );
  });

  it('keeps what the application has recorded', () => {
    const entry: LogEntry = {
      ...{ id: '1', time: new Date(0), tenant: 'a', connection: 'c', actor: 'k', actorName: 'Entra', client: 'entra' },
      ...{ requestId: 'r', operation: 'patch', resourceType: 'User', outcome: 'refused', status: 409 },
      ...{ scimType: 'uniqueness', milliseconds: 1, quirks: ['op-case'], changes: [], omittedChanges: 2 },
    };
    expect(entryWithoutPersonalData(entry, words)).toEqual(entry);
  });
});
