import { describe, expect, it } from '@jest/globals';
import { compileFilter, parseFilter, parseValueFilter, type ValueFilter } from '../../../src/protocol/filter/parse.js';
import { resolveAttribute } from '../../../src/schema/notation.js';
import type { ResourceType } from '../../../src/schema/resource-type.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import type { Filter } from '../../../src/contract/filter.js';
import { base, enterprise, groupType, strict, thingType, lenient, userType } from './types.js';

/** A filter as text that shows its structure, with attributes by their paths. */
function show(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.filters.length === 0
        ? filter.op === 'and'
          ? 'always'
          : 'never'
        : `(${filter.filters.map(show).join(` ${filter.op} `)})`;
    case 'not':
      return `not ${show(filter.filter)}`;
    case 'some':
      return `some ${filter.attribute.path}${filter.attribute.multiValued ? '*' : ''} ${show(filter.filter)}`;
    default: {
      const path = filter.attribute.path.replace(`${enterprise}:`, 'ent:').replace(/^urn:example:2.0:/, 'x:');
      const name = path + (filter.attribute.multiValued ? '*' : '');
      return filter.op === 'present' ? `${name} present` : `${name} ${filter.op} ${JSON.stringify(filter.value)}`;
    }
  }
}

const lower = (text: string, type: ResourceType = userType): string =>
  show(parseFilter(text, type, lenient().options).filter);
const refused = (message: string): unknown =>
  expect.objectContaining({ status: 400, scimType: 'invalidFilter', message: expect.stringContaining(message) });
const version = String.raw`\"`;

describe('filters bound to the schema', () => {
  it.each([
    ['userName eq "Tove"', 'userName eq "tove"'],
    ['userName eq "Ｔove"', 'userName eq "tove"'],
    ['title eq "Ｔove"', 'title eq "ｔove"'],
    ['externalId eq "Tove"', 'externalId eq "Tove"'],
    ['USERNAME NE "x"', 'not userName eq "x"'],
    ['title eq null', 'not title present'],
    ['title ne null', 'title present'],
    ['not (not (title pr))', 'title present'],
    ['title pr and nickName pr and locale pr', '(title present and nickName present and locale present)'],
    ['title pr and (nickName pr and locale pr)', '(title present and nickName present and locale present)'],
    ['title pr or nickName pr and locale pr', '(title present or (nickName present and locale present))'],
    ['name.givenName co "x"', 'name.givenName co "x"'],
    ['meta.created gt "2011-05-13T06:42:34.1239+02:00"', 'meta.created gt "2011-05-13T04:42:34.123Z"'],
    ['active eq true', 'active eq true'],
    ['profileUrl sw "HTTP"', 'profileUrl sw "HTTP"'],
  ])('%s is %s', (text, expected) => expect(lower(text)).toBe(expected));

  it.each([
    ['emails co "X"', 'emails.value* co "x"'],
    ['emails pr', 'emails* present'],
    ['emails eq null', 'not emails* present'],
    ['emails.type eq "work"', 'emails.type* eq "work"'],
    ['emails.type ne "work"', '(not emails* present or some emails* not emails.type eq "work")'],
    ['emails[type eq "work"]', 'some emails* emails.type eq "work"'],
    ['emails[type ne "work"]', 'some emails* not emails.type eq "work"'],
    ['emails[type eq "work"].value eq "X"', 'some emails* (emails.type eq "work" and emails.value eq "x")'],
    [
      'emails[type eq "a" or type eq "b"].value pr',
      'some emails* ((emails.type eq "a" or emails.type eq "b") and emails.value present)',
    ],
    ['x509Certificates eq "AbC="', 'x509Certificates.value* eq "AbC="'],
    ['groups eq "g"', 'groups.value* eq "g"'],
  ])('of a multi-valued attribute %s is %s (readings 12, 14, 16)', (text, expected) =>
    expect(lower(text)).toBe(expected),
  );

  it.each([
    ['emails[primary eq false]', 'some emails* not emails.primary eq true'],
    ['emails[primary ne false]', 'some emails* emails.primary eq true'],
    ['emails[primary eq true]', 'some emails* emails.primary eq true'],
    ['emails.primary eq false', 'some emails* not emails.primary eq true'],
    ['emails.primary ne false', '(not emails* present or some emails* emails.primary eq true)'],
    ['emails.primary eq "FALSE"', 'some emails* not emails.primary eq true'],
    ['active eq false', 'active eq false'],
  ])('a value without primary is not primary: %s is %s (reading 47)', (text, expected) =>
    expect(lower(text)).toBe(expected),
  );

  it.each([
    ['name[givenName eq "x" and familyName pr]', '(name.givenName eq "x" and name.familyName present)'],
    ['name[givenName ne "x"]', '(name present and not name.givenName eq "x")'],
    [
      'name[givenName eq "x" or not (familyName pr)]',
      '(name present and (name.givenName eq "x" or not name.familyName present))',
    ],
    ['name[givenName eq "x"].familyName pr', '(name.givenName eq "x" and name.familyName present)'],
    ['meta[created lt "2011-05-13T04:42:34Z"]', 'meta.created lt "2011-05-13T04:42:34.000Z"'],
    ['meta[resourceType ne "x"]', 'always'],
  ])('brackets after a single-valued attribute are plain conditions: %s is %s', (text, expected) =>
    expect(lower(text)).toBe(expected),
  );

  it.each([
    [`${enterprise}:department eq "x"`, 'ent:department eq "x"'],
    [`${enterprise.toUpperCase()}:MANAGER.VALUE eq "x"`, 'ent:manager.value eq "x"'],
    [`${enterprise}:manager eq "x"`, 'ent:manager.value eq "x"'],
    [`${enterprise}:manager[value eq "x"]`, 'ent:manager.value eq "x"'],
    [`${enterprise} pr`, `${enterprise} present`],
    [`${enterprise} eq null`, `not ${enterprise} present`],
    [
      `${enterprise}[department eq "x" and manager.value eq "y"]`,
      '(ent:department eq "x" and ent:manager.value eq "y")',
    ],
    [`${userType.schema.id}:name.givenName eq "x"`, 'name.givenName eq "x"'],
  ])('URNs: %s is %s (RFC 7644 3.10)', (text, expected) => expect(lower(text)).toBe(expected));

  it.each([
    ['count gt 9', 'count gt 9'],
    ['weight eq -1.50', 'weight eq -1.5'],
    ['bought eq "2011-05-13T04:42:34"', 'bought eq "2011-05-13T04:42:34.000Z"'],
    ['blob eq "YQ=="', 'blob eq "YQ=="'],
    ['tags eq "A"', 'tags* eq "a"'],
    ['tags[value sw "A"]', 'some tags* tags sw "a"'],
    ['tags[VALUE pr]', 'some tags* tags present'],
    ['parts[size ge 2 and value eq "x"]', 'some parts* (parts.size ge 2 and parts.value eq "x")'],
    ['parts.marks eq "x"', 'parts.marks* eq "x"'],
    ['parts[marks eq "x"]', 'some parts* parts.marks* eq "x"'],
    ['onlyA pr', 'x:A:onlyA present'],
    ['shelves.row eq 2', 'x:B:shelves.row* eq 2'],
    ['urn:example:2.0:B:shelves[row eq 2]', 'some urn:example:2.0:B:shelves* x:B:shelves.row eq 2'],
    ['box pr', 'box.label present'],
    ['keys pr', 'keys.label* present'],
    ['keys eq null', 'not keys.label* present'],
  ])('on other types: %s is %s', (text, expected) => expect(lower(text, thingType)).toBe(expected));

  it('names attributes as AttributeRefs, without other characteristics', () => {
    const { filter } = parseFilter('emails[type eq "work"] and emails.type pr', userType, strict);
    const type = { path: 'emails.type', keys: ['emails', 'type'], type: 'string', caseExact: false };
    expect(filter).toEqual({
      op: 'and',
      filters: [
        {
          op: 'some',
          attribute: { path: 'emails', keys: ['emails'], type: 'complex', multiValued: true, caseExact: false },
          filter: { op: 'eq', attribute: { ...type, multiValued: false }, value: 'work' },
        },
        { op: 'present', attribute: { ...type, multiValued: true } },
      ],
    });
  });
});

describe('filters that do not fit the schema', () => {
  it.each([
    ['nosuch eq "x"', 'an attribute that User does not have'],
    ['name.nosuch pr', 'an attribute that User does not have'],
    ['title.value pr', 'an attribute that User does not have'],
    ['emails.value.x pr', 'an attribute that User does not have'],
    ['__proto__ pr', 'an attribute that User does not have'],
    ['constructor pr', 'an attribute that User does not have'],
    ['emails[nosuch pr]', 'a sub-attribute that emails does not have'],
    ['emails[emails.type pr]', 'a sub-attribute that emails does not have'],
    ['emails[__proto__ pr]', 'a sub-attribute that emails does not have'],
    [`emails[${userType.schema.id}:emails.type pr]`, 'a sub-attribute that emails does not have'],
    ['title[value pr]', 'title has no sub-attributes'],
    ['schemas[name pr]', 'a sub-attribute that schemas does not have'],
    ['schemas.value pr', 'an attribute that User does not have'],
    ['name eq "x"', 'name is complex'],
    ['meta eq "x"', 'meta is complex'],
    ['addresses co "x"', 'addresses is complex'],
    [`${enterprise} eq "x"`, 'is complex'],
    ['password eq "x"', 'never returned'],
    ['password pr', 'never returned'],
    ['password eq null', 'never returned'],
    ['active gt true', 'active is boolean: gt'],
    ['active co "t"', 'active is not a string: co'],
    ['active eq "yes"', 'active must be compared with true or false'],
    ['active eq 1', 'true or false'],
    ['active eq yes', 'true or false'],
    ['emails[primary lt true]', 'is boolean: lt'],
    ['x509Certificates.value ge "A"', 'is binary: ge'],
    ['x509Certificates.value co "A"', 'is not a string: co'],
    ['x509Certificates.value eq 5', 'a JSON string'],
    ['profileUrl eq x', 'a JSON string'],
    ['title gt 5', 'a JSON string'],
    ['title ne x', 'a JSON string'],
    ['title sw true', 'a JSON string'],
    ['title gt null', 'null can be compared with eq and ne'],
    ['emails[type co null]', 'null can be compared with eq and ne'],
    ['meta.created sw "2011"', 'is not a string: sw'],
    ['meta.created eq 2011', 'a date and time'],
    ['meta.created eq "2011-05-13"', 'a date and time'],
    ['meta.created eq "-0001-01-01T00:00:00Z"', 'a date and time'],
    ['title lt "a\\u0000"', 'cannot be ordered'],
  ])('%s', (text, why) => expect(() => parseFilter(text, userType, lenient().options)).toThrow(refused(why)));

  it.each([
    ['count eq "9"', 'a number'],
    ['count co 9', 'is not a string'],
    ['weight gt 1e999', 'a number'],
    ['weight lt true', 'a number'],
    ['bought gt 5', 'a date and time'],
    ['shared pr', 'an attribute that Thing does not have'],
    ['secret pr', 'never returned'],
    ['box.pin eq "1"', 'never returned'],
    ['box[pin pr]', 'never returned'],
    ['vault pr', 'never returned'],
    ['vault.label pr', 'never returned'],
    ['vault[label pr]', 'never returned'],
    ['keys eq "x"', 'never returned'],
    ['keys[value pr]', 'never returned'],
    ['tags[type pr]', 'a sub-attribute that tags does not have'],
  ])('of other types: %s', (text, why) =>
    expect(() => parseFilter(text, thingType, lenient().options)).toThrow(refused(why)),
  );

  it('never echoes a value', () => {
    for (const text of ['hunter2 eq "x"', 'active eq "hunter2"', 'name eq "hunter2"', 'emails[hunter2 pr]']) {
      expect(() => parseFilter(text, userType, strict)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
      );
    }
  });
});

describe('quirks of filters', () => {
  it.each([
    ['userName eq tove', 'unquoted-value', 'userName eq "tove"'],
    ['userName eq 0701', 'unquoted-value', 'userName eq "0701"'],
    ['userName eq 701', 'unquoted-value', 'userName eq "701"'],
    ['userName eq 1E3', 'unquoted-value', 'userName eq "1e3"'],
    ['userName eq true', 'unquoted-value', 'userName eq "true"'],
    ['emails[type eq work]', 'unquoted-value', 'some emails* emails.type eq "work"'],
    ['active ne "False"', 'boolean-as-string-in-filter', 'not active eq false'],
    ['manager eq "x"', 'unprefixed-extension', 'ent:manager.value eq "x"'],
    [
      'emails[type eq "work"].value eq "x"',
      'value-path-sub-attribute',
      'some emails* (emails.type eq "work" and emails.value eq "x")',
    ],
  ])('%s is %s, and refused in strict mode', (text, quirk, expected) => {
    const { options, noted } = lenient();
    expect(show(parseFilter(text, userType, options).filter)).toBe(expected);
    expect(noted).toEqual([quirk]);
    expect(() => parseFilter(text, userType, strict)).toThrow(refused(''));
  });

  it('are reported only where the filter has them', () => {
    const { options, noted } = lenient();
    parseFilter(
      `userName eq "x" and active eq true and ${enterprise}:manager eq "x" and emails[type pr]`,
      userType,
      options,
    );
    expect(noted).toEqual([]);
  });
});

describe('attributes that every response derives', () => {
  it.each([
    ['schemas pr', 'always'],
    ['schemas eq null', 'never'],
    [`schemas eq "${userType.schema.id}"`, 'always'],
    [`schemas eq "${enterprise}"`, `${enterprise} present`],
    [`schemas ne "${enterprise}"`, 'always'],
    [`schemas ne "${userType.schema.id}"`, `${enterprise} present`],
    [`schemas eq "${enterprise.toUpperCase()}"`, 'never'],
    ['schemas ew "2.0:User"', 'always'],
    ['schemas co "enterprise"', `${enterprise} present`],
    ['schemas sw "x"', 'never'],
    ['schemas[value pr]', 'always'],
    [`schemas[value eq "${enterprise}"]`, `${enterprise} present`],
    [`schemas[value ne "${userType.schema.id}"]`, `${enterprise} present`],
    ['schemas[value sw "urn:" and not (value co "core")]', `${enterprise} present`],
    ['schemas[value eq null]', 'never'],
    [`not (schemas[value eq "${enterprise}" or value eq "x"])`, `not ${enterprise} present`],
  ])('%s is %s', (text, expected) => expect(lower(text)).toBe(expected));

  it.each([
    ['meta pr', 'always'],
    ['meta eq null', 'never'],
    ['meta.resourceType eq "User"', 'always'],
    ['meta.resourceType eq "user"', 'never'],
    ['meta.resourceType ne "Group"', 'always'],
    ['meta.resourceType gt "Tser"', 'always'],
    ['meta.resourceType ge "User"', 'always'],
    ['meta.resourceType lt "User"', 'never'],
    ['meta.resourceType le "User"', 'always'],
    ['meta.resourceType eq "User" and title pr', 'title present'],
    ['meta.resourceType eq "Group" and title pr', 'never'],
    ['meta.resourceType eq "User" or title pr', 'always'],
    ['not (meta.resourceType eq "User") or title pr', 'title present'],
  ])('%s is %s', (text, expected) => expect(lower(text)).toBe(expected));

  it.each([
    ['pr', '', 'always'],
    ['eq', `${base}/Users/7`, 'id eq "7"'],
    ['ne', `${base}/Users/7`, 'not id eq "7"'],
    ['eq', `${base}/Users/`, 'never'],
    ['eq', `${base}/Groups/7`, 'never'],
    ['eq', 'https://other.example.com/v2/Users/7', 'never'],
    ['eq', `${base}/Users/a%20b`, 'id eq "a b"'],
    ['eq', `${base}/Users/%41`, 'never'],
    ['eq', `${base}/Users/%E0%A4%A`, 'never'],
    ['eq', `${base}/Users/7/x`, 'never'],
    ['sw', 'https://scim.', 'always'],
    ['sw', `${base}/Users/7`, 'id sw "7"'],
    ['sw', 'http:', 'never'],
    ['ew', '7', 'id ew "7"'],
    ['ew', 'Users/7', 'id eq "7"'],
    ['ew', 'Groups/7', 'never'],
    ['co', 'example', 'always'],
    ['co', '77', 'id co "77"'],
    ['co', 'sers/7', 'id sw "7"'],
    ['co', '27', '(id co "27")'.slice(1, -1)],
    ['gt', 'a', 'always'],
    ['lt', 'a', 'never'],
    ['gt', 'x', 'never'],
    ['ge', `${base}/Users/7`, 'id ge "7"'],
  ])('meta.location %s %s is %s', (op, text, expected) =>
    expect(lower(`meta.location ${op}${op === 'pr' ? '' : ` ${JSON.stringify(text)}`}`)).toBe(expected),
  );

  it.each([
    [`${enterprise}:manager.$ref eq "${base}/Users/7"`, 'ent:manager.value eq "7"'],
    [`${enterprise}:manager.$ref ew "/7"`, 'ent:manager.value eq "7"'],
    [`${enterprise}:manager[$ref eq "urn:x" or value eq "7"]`, 'ent:manager.value eq "7"'],
    [`${enterprise}:manager.$ref pr`, 'ent:manager.value present'],
    [`groups.$ref eq "${base}/Groups/7"`, 'some groups* groups.value eq "7"'],
    [`groups.$ref ne "${base}/Groups/7"`, '(not groups* present or some groups* not groups.value eq "7")'],
    [`groups[$ref eq "${base}/Groups/7"]`, 'some groups* groups.value eq "7"'],
    ['groups.$ref co "/Groups/"', 'some groups* groups.value present'],
    [`${enterprise}:manager.$ref sw "https:"`, 'ent:manager.value present'],
    [`${enterprise}:manager.$ref gt "a"`, 'ent:manager.value present'],
    [`${enterprise}:manager.$ref lt "a"`, 'never'],
    ['groups.$ref eq null', 'not groups.value* present'],
    ['photos.value eq "x"', 'photos.value* eq "x"'],
  ])('%s is %s', (text, expected) => expect(lower(text)).toBe(expected));

  it.each([
    [`members.$ref eq "${base}/Users/7"`, 'some members* (members.value eq "7" and not members.type eq "group")'],
    [`members[$ref eq "${base}/Groups/7"]`, 'some members* (members.value eq "7" and not members.type eq "user")'],
    ...['Users/7', '../Users/7', './Users/7', '/Users/7', 'https://scim.example.com/Users/7'].map(
      (uri): [string, string] => [
        `members.$ref eq "${uri}"`,
        'some members* (members.value eq "7" and not members.type eq "group")',
      ],
    ),
    [
      'members.$ref eq "https://scim.example.com/v1/Users/7"',
      'some members* (members.value eq "7" and not members.type eq "group")',
    ],
    ['members.$ref eq "https://elsewhere.example/Users/7"', 'never'],
    ['members.$ref eq "x"', 'never'],
    ['members.$ref pr', 'some members* members.value present'],
  ])('%s is %s', (text, expected) => expect(lower(text, groupType)).toBe(expected));

  it('reads the URI of a member of a type that the schema does not name (RFC 9944 4)', () => {
    const endpoints = new Map([...strict.endpoints, ['Device', '/Hardware']]);
    const { filter } = parseFilter(`members.$ref eq "${base}/Hardware/7"`, groupType, { ...strict, endpoints });
    expect(show(filter)).toBe('some members* (members.value eq "7" and members.type eq "device")');
  });

  const whole = (text: string, type = userType): readonly string[] => {
    const bound = parseFilter(text, type, strict);
    return [bound.filter, ...(bound.whole === undefined ? [] : [bound.whole.filter])].map(show);
  };
  it.each([
    [`${enterprise}:manager.displayName eq "x"`, ['always', 'ent:manager.displayName eq "x"']],
    [`not (${enterprise}:manager.displayName pr)`, ['always', 'not ent:manager.displayName present']],
    [
      `title eq "t" and ${enterprise}:manager.displayName ne "x"`,
      ['title eq "t"', '(title eq "t" and not ent:manager.displayName eq "x")'],
    ],
    [
      `title eq "t" or ${enterprise}:manager.$ref pr`,
      [
        '(title eq "t" or ent:manager.value present)',
        '(title eq "t" or (ent:manager.value present and ent:manager.$ref present))',
      ],
    ],
    [
      `${enterprise}:manager.$ref ne "${base}/Users/7"`,
      ['always', 'not (ent:manager.value eq "7" and ent:manager.$ref present)'],
    ],
    ['title eq "t"', ['title eq "t"']],
  ])('a store decides the stored part of %s (standards reading 56)', (text, expected) =>
    expect(whole(text)).toEqual(expected),
  );

  it.each([
    ['members.display eq "x"', ['always', 'members.display* eq "x"']],
    [
      'members[display sw "x" and value eq "7"]',
      ['some members* members.value eq "7"', 'some members* (members.display sw "x" and members.value eq "7")'],
    ],
    ['not (members.display pr)', ['always', 'not members.display* present']],
  ])('and that of %s', (text, expected) => expect(whole(text, groupType)).toEqual(expected));

  it('reads the URI of a reference to one of several resource types, and of no external reference', () => {
    // The endpoint of a type is no plural of its name.
    const endpoints = new Map([
      ['User', '/Users'],
      ['Thing', '/Stuff'],
    ]);
    const lowerOwner = (path: string): string =>
      show(parseFilter(`owner.$ref eq "${base}${path}"`, thingType, { ...strict, endpoints }).filter);
    expect(lowerOwner('/Stuff/7')).toBe('owner.value eq "7"');
    expect(lowerOwner('/Users/7')).toBe('owner.value eq "7"');
    expect(lowerOwner('/Things/7')).toBe('never');
    expect(lowerOwner('/externals/7')).toBe('never');
  });

  it.each([
    ['eq', `W/${version}v1${version}`, 'meta.version eq "v1"'],
    ['eq', `${version}v1${version}`, 'meta.version eq "v1"'],
    ['eq', 'v1', 'meta.version eq "v1"'],
    ['ne', `W/${version}v1${version}`, 'not meta.version eq "v1"'],
    ['eq', `W/${version}v1`, 'never'],
    ['eq', `W/${version}${version}`, 'never'],
    ['gt', `W/${version}v1${version}`, 'meta.version gt "v1"'],
    ['gt', `W/${version}v1`, 'meta.version gt "v1"'],
    ['gt', 'v1', 'meta.version gt "v1"'],
    ['sw', 'W/', 'always'],
    ['sw', `W/${version}v`, 'meta.version sw "v"'],
    ['sw', `W/${version}v${version}`, 'meta.version eq "v"'],
    ['sw', 'v', 'meta.version sw "v"'],
    ['ew', version, 'always'],
    ['ew', `v${version}`, 'meta.version ew "v"'],
    ['ew', `/${version}v${version}`, `(meta.version ew "/${version}v" or meta.version eq "v")`],
    ['ew', 'v', 'meta.version ew "v"'],
    ['co', `/${version}v`, `(meta.version co "/${version}v" or meta.version sw "v")`],
    ['co', `${version}v${version}`, `(meta.version ew "${version}v" or meta.version eq "v")`],
    ['co', 'v', 'meta.version co "v"'],
    ['co', 'W', 'always'],
  ])('meta.version %s "%s" is %s', (op, text, expected) =>
    expect(lower(`meta.version ${op} "${text}"`)).toBe(expected),
  );

  it('finds nothing by a value that no resource can have', () => {
    for (const op of ['eq', 'co', 'sw', 'ew']) {
      expect(lower(`title ${op} "a\\u0000"`)).toBe('never');
      expect(lower(`title ${op} "\\ud800"`)).toBe('never');
    }
    expect(lower('title ne "a\\u0000"')).toBe('always');
    expect(lower('emails[value eq "\\u0000"] or title pr')).toBe('title present');
  });
});

describe('a query over several types (RFC 7644 3.4.2.1)', () => {
  const mixed = (text: string, type: ResourceType = groupType): string =>
    show(parseFilter(text, type, { ...lenient().options, mixed: true }).filter);

  it.each([
    ['userName eq "x"', 'never'],
    ['userName pr', 'never'],
    ['userName co "x"', 'never'],
    ['userName gt "x"', 'never'],
    ['userName ne "x"', 'always'],
    ['userName eq null', 'always'],
    ['userName ne null', 'never'],
    ['not (userName pr)', 'always'],
    ['emails[type eq "work"]', 'never'],
    ['userName eq "x" or displayName eq "x"', 'displayName eq "x"'],
    ['meta.resourceType eq "User"', 'never'],
    ['schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group"', 'always'],
  ])('treats an attribute that the type lacks as unassigned: %s is %s', (text, expected) =>
    expect(mixed(text)).toBe(expected),
  );

  it('still resolves the sub-attributes of attributes that the type has', () => {
    expect(mixed('members[value eq "7"]')).toBe('some members* members.value eq "7"');
    expect(() => mixed('members[nosuch pr]')).toThrow(refused('a sub-attribute'));
  });
});

describe('equals of a bound filter', () => {
  const equals = (text: string, type: ResourceType = userType): unknown =>
    parseFilter(text, type, lenient().options).equals;

  it.each([
    ['userName eq "Tove"', { userName: 'tove' }],
    ['userName eq "a" and (externalId eq "B" and active eq true)', { userName: 'a', externalId: 'B', active: true }],
    ['emails eq "A"', { 'emails.value': 'a' }],
    ['emails[type eq "work" and value eq "A"]', { 'emails.type': 'work', 'emails.value': 'a' }],
    ['emails[type eq "work"].value eq "A"', { 'emails.type': 'work', 'emails.value': 'a' }],
    ['emails.value eq "a" and emails.value eq "b"', { 'emails.value': 'a' }],
    [`meta.location eq "${base}/Users/7"`, { id: '7' }],
    [`${enterprise}:manager eq "7"`, { [`${enterprise}:manager.value`]: '7' }],
    ['userName eq "a" or userName eq "b"', {}],
    ['not (userName eq "a")', {}],
    ['userName sw "a"', {}],
  ])('%s: %j', (text, expected) => expect(equals(text)).toEqual(expected));

  it('includes the member that every match has', () =>
    expect(equals(`members.$ref eq "${base}/Users/7"`, groupType)).toEqual({ 'members.value': '7' }));
});

describe('the predicate', () => {
  const matches = (text: string, resource: Attributes, type: ResourceType = userType): boolean =>
    parseFilter(text, type, lenient().options).matches(resource);

  it.each([null, undefined, '', [], {}, [''], [null], { a: null }, { a: [{ b: '' }] }])(
    'treats %j as unassigned (reading 48)',
    (nothing) => {
      expect(matches('title pr', { title: nothing })).toBe(false);
      expect(matches('title eq null', { title: nothing })).toBe(true);
    },
  );

  it.each([false, 0, 'x', new Date(), [0], { a: false }])('treats %j as assigned', (something) =>
    expect(matches('title pr', { title: something })).toBe(true),
  );

  it.each([
    ['count gt 9', { count: 10 }, true],
    ['count gt 9', { count: '10' }, false],
    ['count ge 9', { count: 9 }, true],
    ['count lt 9', { count: 9 }, false],
    ['count le 9', { count: 9 }, true],
    ['count eq 9', { count: 9 }, true],
    ['weight eq 1.50', { weight: 1.5 }, true],
    ['bought eq "2011-05-13T04:42:34Z"', { bought: '2011-05-13T06:42:34+02:00' }, true],
    ['bought eq "2011-05-13T04:42:34Z"', { bought: '2011-05-13T04:42:34' }, true],
    ['bought gt "2011-05-13T04:42:34Z"', { bought: new Date(Date.UTC(2020, 1)) }, true],
    ['bought gt "2011-05-13T04:42:34Z"', { bought: 'soon' }, false],
    ['tags eq "A"', { tags: ['b', 'a'] }, true],
    ['tags[value eq "A"]', { tags: ['b', 'a'] }, true],
    ['tags[value eq "A" and value eq "B"]', { tags: ['b', 'a'] }, false],
    ['codes eq "A"', { codes: ['a'] }, false],
    ['tags eq "5"', { tags: [5] }, false],
    [
      'parts[size ge 2 and marks eq "x"]',
      {
        parts: [
          { size: 1, marks: ['x'] },
          { size: 2, marks: ['y', 'X'] },
        ],
      },
      true,
    ],
    ['parts[not (value pr)]', { parts: [{}, null] }, false],
    ['parts[not (value pr)]', { parts: [{ size: 0 }] }, true],
    ['parts[primary eq false]', { parts: [] }, false],
    ['parts[primary eq false]', {}, false],
    ['shelves[row eq 1]', { 'urn:example:2.0:B': { shelves: [{ row: 1 }] } }, true],
    ['box.label eq "x"', { box: 'x' }, false],
    ['box.label eq "x"', { box: null }, false],
  ])('%s over %j: %s', (text, resource, expected) => expect(matches(text, resource, thingType)).toBe(expected));

  it('reads own properties only', () => {
    const resource = Object.create({ title: 'x' }) as Attributes;
    expect(matches('title pr', resource)).toBe(false);
    expect(matches('title eq "x"', resource)).toBe(false);
  });

  it('compiles a tree that it did not parse itself', () => {
    const attribute = { path: 'title', keys: ['title'], type: 'string', multiValued: false, caseExact: false } as const;
    const predicate = compileFilter({ op: 'eq', attribute, value: 'x' });
    expect([predicate({ title: 'X' }), predicate({ title: 'y' })]).toEqual([true, false]);
    expect(compileFilter({ op: 'and', filters: [] })({})).toBe(true);
    expect(compileFilter({ op: 'or', filters: [] })({})).toBe(false);
  });

  it('reads the attribute of each user once, and normalizes the literal once for all of them', () => {
    let reads = 0;
    const userOf = (userName: string) =>
      Object.defineProperty({ userName }, 'userName', {
        enumerable: true,
        get() {
          reads += 1;
          return userName;
        },
      });
    const users = Array.from({ length: 1_000 }, (_, i) => userOf(`User.${String(i)}@Example.com`));
    const { matches: holds } = parseFilter('userName eq "user.999@example.com"', userType, strict);
    expect(users.filter((user) => holds(user))).toHaveLength(1);
    expect(reads).toBe(1_000);
  });
});

describe('filters of value paths', () => {
  const read = (text: string, path: string, type: ResourceType = userType): ValueFilter => {
    const found = resolveAttribute(type, path);
    if (found === undefined) throw new Error(path);
    return parseValueFilter(text, found.attribute, type, lenient().options);
  };

  it('select values', () => {
    const { filter, matches } = read('type eq "work" and not (primary eq true)', 'emails');
    expect(show(filter)).toBe('(emails.type eq "work" and not emails.primary eq true)');
    expect(
      [{ type: 'Work' }, { type: 'work', primary: true }, { type: 'home' }, {}, null, 'work'].map((value) =>
        matches(value),
      ),
    ).toEqual([true, false, false, false, false, false]);
    expect(read('value eq "A"', 'tags', thingType).matches('a')).toBe(true);
    expect(read('row eq 1', 'urn:example:2.0:B:shelves', thingType).matches({ row: 1 })).toBe(true);
    expect(read('primary eq false', 'emails').matches({ value: 'x' })).toBe(true);
  });

  it.each([
    ['type eq "Work"', 'emails', { type: 'Work' }],
    ['type eq "Work" and primary eq "True"', 'emails', { type: 'Work', primary: true }],
    ['(type eq "a" and (value eq "b"))', 'emails', { type: 'a', value: 'b' }],
    ['primary eq false', 'emails', { primary: false }],
    ['type eq work', 'emails', { type: 'work' }],
    ['type eq "a" and display eq null', 'emails', { type: 'a' }],
    ['type eq "a" and type eq "a"', 'emails', { type: 'a' }],
    ['type eq "a" and type eq "b"', 'emails', undefined],
    ['type eq "a" or type eq "b"', 'emails', undefined],
    ['type eq "a" and value sw "b"', 'emails', undefined],
    ['not (type eq "a")', 'emails', undefined],
    ['$ref eq "https://a/Users/7"', 'members', undefined],
  ])('%s after %s seeds %j (reading 2)', (text, path, seed) =>
    expect(read(text, path, path === 'members' ? groupType : userType).seed).toEqual(seed),
  );

  it('seeds numbers and dates as the client wrote them, and no value without sub-attributes', () => {
    expect(read('size eq 2 and made eq "2011-05-13T04:42:34+01:00"', 'parts', thingType).seed).toEqual({
      size: 2,
      made: '2011-05-13T04:42:34+01:00',
    });
    expect(read('value eq "x"', 'tags', thingType).seed).toBeUndefined();
  });

  it.each([
    ['value eq "A"', ['A']],
    ['value eq "a" or value eq "b" or value eq "a"', ['a', 'b', 'a']],
    ['value eq "a" or type eq "b"', undefined],
    ['value eq "a" and value eq "a"', undefined],
    ['not (value eq "a")', undefined],
    ['value ne "a"', undefined],
    ['value eq "\\u0000"', []],
  ])('members of %s: %j', (text, values) => expect(read(text, 'members', groupType).values).toEqual(values));

  it('lists no values where letter case is ignored', () =>
    expect(read('value eq "A"', 'emails').values).toBeUndefined());

  it('are refused as filters are', () => {
    expect(() => read('', 'emails')).toThrow(refused('an attribute is expected'));
    expect(() => read('nosuch pr', 'emails')).toThrow(refused('a sub-attribute'));
    expect(() => read('type eq "a"] or emails[type pr', 'emails')).toThrow(refused('closing bracket'));
    expect(() => read('value pr', 'vault', thingType)).toThrow(refused('never returned'));
  });
});
