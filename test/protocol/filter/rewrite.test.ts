import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Filter as ParsedFilter, parse } from 'scim2-parse-filter';
import { defaultLimits } from '../../../src/limits.js';
import { type Rewritten, rewriteFilter, rewriteValueFilter } from '../../../src/protocol/filter/rewrite.js';
import { strict, lenient } from './types.js';
import { random } from '../../random.js';

const refused = (message: string | RegExp): unknown =>
  expect.objectContaining({
    status: 400,
    scimType: 'invalidFilter',
    message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
  });

describe('the first pass over a filter (RFC 7644 3.4.2.2, Figure 1)', () => {
  it('puts names and literals into tables', () => {
    expect(
      rewriteFilter(
        String.raw`title pr AND NOT(a.b eq "x\u0041\\\"") or c gt -1.5e3 or d ne null or e eq true`,
        strict,
      ),
    ).toEqual({
      text: 'a0 pr and not (a1 eq 0) or a2 gt 1 or a3 ne 2 or a4 eq 3',
      names: ['title', 'a.b', 'c', 'd', 'e'],
      literals: [
        { kind: 'string', text: 'xA\\"' },
        { kind: 'number', text: '-1.5e3' },
        { kind: 'null', text: 'null' },
        { kind: 'boolean', text: 'true' },
      ],
    });
  });

  it('keeps every part of a value path inside its brackets', () => {
    const { options, noted } = lenient();
    expect(rewriteFilter('emails[type eq "a" or type eq "b"].value co "x" and title pr', options).text).toBe(
      'a0[(a1 eq 0 or a2 eq 1) and a3 co 2] and a4 pr',
    );
    expect(noted).toEqual(['value-path-sub-attribute']);
  });

  it('uses no quirk where nothing deviates from the standard', () => {
    const { options, noted } = lenient();
    rewriteFilter('emails[ type eq "a" ] and ( members.$ref pr )', options);
    expect(noted).toEqual([]);
  });

  it('refuses a sub-attribute after a value path in strict mode (reading 16)', () =>
    expect(() => rewriteFilter('emails[type eq "a"].value eq "x"', strict)).toThrow(
      refused('character 21: no sub-attribute may follow'),
    ));

  it.each([
    ['', 'character 1: an attribute'],
    ['   ', 'character 4: an attribute'],
    ['title', 'character 6: a space'],
    ['title ', 'character 7: an operator'],
    ['title eq', 'character 9: a space'],
    ['title eq ', 'character 10: a value'],
    ['title like "x"', 'an operator'],
    ['title eq"x"', 'a space'],
    ['title pr"x"', '"and", "or" or the end'],
    ['title eq "x"and title pr', '"and", "or" or the end'],
    ['title eq "x" and', 'a space'],
    ['title eq "x" and(title pr)', 'a space'],
    ['title eq "x" xor title pr', '"and", "or" or the end'],
    ['(title pr', 'a closing bracket is missing'],
    ['(title pr]', 'character 10: this closing bracket'],
    ['emails[type pr)', 'this closing bracket'],
    ['title pr)', 'this closing bracket'],
    ['emails[a[b pr]]', 'a value path cannot contain another value path'],
    ['emails[(a[b pr])]', 'a value path cannot contain another value path'],
    ['not title pr', 'an operator'],
    ['not not (title pr)', 'an operator'],
    ['emails [type pr]', 'an operator'],
    ['title\tpr', 'an attribute'],
    ['title\u00a0pr', 'an attribute'],
    ['nic\u212aname pr', 'an attribute'],
    ['"title" pr', 'an attribute'],
    ['title eq "a\tb"', 'JSON string'],
    [String.raw`title eq "\x"`, 'JSON string'],
    [String.raw`title eq "a\"`, 'JSON string'],
    ['title eq "', 'JSON string'],
    ['title eq a:b', 'a value'],
    ['title eq ("a")', 'a value'],
    ["title eq 'a'", 'a value'],
    ['title eq \u201ca\u201d', 'a value'],
  ])('refuses %j', (text, why) => expect(() => rewriteFilter(text, lenient().options)).toThrow(refused(why)));

  it('names the position, and never echoes the text', () => {
    for (const text of ['hunter2', 'title hunter2 "x"', 'title eq "hunter2', 'title pr hunter2', 'hunter2[hunter2[']) {
      expect(() => rewriteFilter(text, strict)).toThrow(refused(/^(?!.*hunter2)/));
    }
  });

  it('refuses a value path inside one whose brackets are not closed', () => {
    expect(rewriteValueFilter('type eq "a"', strict).text).toBe('a0 eq 0');
    expect(() => rewriteValueFilter('type[x pr]', strict)).toThrow(refused('a value path cannot contain'));
    expect(() => rewriteValueFilter('type eq "a"]', strict)).toThrow(refused('this closing bracket'));
  });

  it('accepts a second value path after the first', () => {
    expect(rewriteFilter('a[b pr] or c[d pr]', strict).text).toBe('a0[(a1 pr)] or a2[(a3 pr)]');
  });
});

describe('limits of a filter', () => {
  const nested = (depth: number): string => '('.repeat(depth) + 'title pr' + ')'.repeat(depth);
  const long = (terms: number): string => Array.from({ length: terms }, () => 'a pr').join(' or ');

  it('accept as much as they allow', () => {
    rewriteFilter(nested(defaultLimits.filterDepth), strict);
    rewriteFilter(long(defaultLimits.filterTerms), strict);
    rewriteFilter(`title eq "${'x'.repeat(defaultLimits.filterValueCharacters)}"`, strict);
    rewriteFilter(' '.repeat(defaultLimits.filterBytes - 8) + 'title pr', strict);
  });

  it('refuse one more', () => {
    expect(() => rewriteFilter(nested(defaultLimits.filterDepth + 1), strict)).toThrow(refused('20 deep'));
    expect(() => rewriteFilter(long(defaultLimits.filterTerms + 1), strict)).toThrow(
      refused('at most 200 comparisons'),
    );
    for (const value of ['"x#"', '1#', '-1#', 'x#'].map((form) => form.replace('#', '1'.repeat(1_024)))) {
      expect(() => rewriteFilter(`title eq ${value} and title pr`, strict)).toThrow(
        refused('limits.filterValueCharacters'),
      );
    }
    expect(() => rewriteFilter(' '.repeat(defaultLimits.filterBytes - 7) + 'title pr', strict)).toThrow(
      refused('at most 8192 bytes'),
    );
    expect(() => rewriteFilter(`title eq "${'é'.repeat(4091)}"`, strict)).toThrow(refused('at most 8192 bytes'));
  });

  it.each([
    ['8,000 brackets', '('.repeat(8_000)],
    ['8,000 closing brackets', ')'.repeat(8_000)],
    ['a deep not', 'not ('.repeat(1_600)],
    ['10 kB', 'a'.repeat(10_000)],
    ['8 kB of a name', 'a'.repeat(8_000)],
    ['8 kB of spaces', ' '.repeat(8_000)],
    ['quotes', '"'.repeat(8_000)],
    ['backslashes', `a eq "${'\\'.repeat(8_001)}`],
    ['a string without its end', `a eq "${'x'.repeat(8_000)}`],
    ['value paths in value paths', 'a['.repeat(4_000)],
    ['dots', `a${'.'.repeat(8_000)} pr and`],
    ['the word not', 'not '.repeat(2_000)],
    ['not before many spaces', `${`not${' '.repeat(1_000)}`.repeat(8)}`],
  ])('refuses %s', (_what, text) => {
    expect(() => rewriteFilter(text, lenient().options)).toThrow(refused(''));
  });

  it('either reads or refuses any text', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '].',
      'not',
      ' and ',
      ' or ',
      ' ',
      '"',
      '\\',
      'title',
      ' eq ',
      ' pr',
      '"x"',
      'null',
      '1',
      '.',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (filter) => {
        let rewritten: Rewritten;
        try {
          rewritten = rewriteFilter(filter, lenient().options);
        } catch (error) {
          expect(error).toMatchObject({ status: 400, scimType: 'invalidFilter' });
          return;
        }
        // The parser never refuses what the first pass accepts.
        expect(() => parse(rewritten.text)).not.toThrow();
      }),
      random(3_000),
    );
  });
});

/** A filter as a tree, from which the test writes many texts. */
type Tree =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Tree[] }
  | { readonly op: 'not'; readonly filter: Tree }
  | { readonly op: '[]'; readonly name: string; readonly filter: Tree }
  | { readonly op: 'pr'; readonly name: string }
  | { readonly op: string; readonly name: string; readonly value: string | number | boolean | null };

const name = fc.constantFrom(
  'userName',
  'name.givenName',
  'members.$ref',
  'urn:ietf:params:scim:schemas:core:2.0:User:title',
  'not',
  'eq',
  'and',
);
const plainName = fc.constantFrom('userName', 'name.givenName', 'urn:ietf:params:scim:schemas:core:2.0:User:title');
const operator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

function trees(names: fc.Arbitrary<string>, values: typeof value, depth: number): fc.Arbitrary<Tree> {
  const make = (paths: boolean): fc.Arbitrary<Tree> =>
    fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: depth, withCrossShrink: true },
        fc.record({ op: fc.constant('pr' as const), name: names }),
        fc.record({ op: operator, name: names, value: values }),
        fc.record({
          op: fc.constantFrom('and' as const, 'or' as const),
          filters: fc.array(tie('tree'), { minLength: 2, maxLength: 4 }),
        }),
        fc.record({ op: fc.constant('not' as const), filter: tie('tree') }),
        ...(paths ? [fc.record({ op: fc.constant('[]' as const), name: names, filter: make(false) })] : []),
      ),
    })).tree;
  return make(true);
}

/** `pick` chooses letter case and spaces. */
function write(tree: Tree, pick: () => number): string {
  const word = (text: string): string => (pick() % 2 === 0 ? text : text.toUpperCase());
  const gap = (least: number): string => ' '.repeat(least + (pick() % 3));
  const grouped = (inner: Tree): string => `(${gap(0)}${write(inner, pick)}${gap(0)})`;
  if ('filters' in tree) {
    const inner = tree.filters.map((each) => ('filters' in each ? grouped(each) : write(each, pick)));
    return inner.join(`${gap(1)}${word(tree.op)}${gap(1)}`);
  }
  if (tree.op === 'not' && 'filter' in tree) return `${word('not')}${gap(0)}${grouped(tree.filter)}`;
  if (tree.op === '[]' && 'filter' in tree && 'name' in tree)
    return `${tree.name}[${gap(0)}${write(tree.filter, pick)}${gap(0)}]`;
  if ('value' in tree) return `${tree.name}${gap(1)}${word(tree.op)}${gap(1)}${JSON.stringify(tree.value)}`;
  return `${(tree as { name: string }).name}${gap(1)}${word('pr')}`;
}

/** The parser's tree of a rewritten filter, with the names and literals of the tables. */
function restore(parsed: ParsedFilter, { names, literals }: Rewritten): Tree {
  const nameOf = (path: string): string => names[Number(path.slice(1))] ?? '?';
  switch (parsed.op) {
    case 'and':
    case 'or':
      return { op: parsed.op, filters: parsed.filters.map((each) => restore(each, { names, literals, text: '' })) };
    case 'not':
      return { op: 'not', filter: restore(parsed.filter, { names, literals, text: '' }) };
    case '[]':
      return {
        op: '[]',
        name: nameOf(parsed.attrPath),
        filter: restore(parsed.valFilter, { names, literals, text: '' }),
      };
    case 'pr':
      return { op: 'pr', name: nameOf(parsed.attrPath) };
    default: {
      const literal = literals[Number(parsed.compValue)];
      const text = literal?.text ?? '?';
      return {
        op: parsed.op,
        name: nameOf(parsed.attrPath),
        value: literal?.kind === 'string' ? text : (JSON.parse(text) as string | number | boolean | null),
      };
    }
  }
}

/** The parser's own tree of the text itself. */
function plain(parsed: ParsedFilter): Tree {
  switch (parsed.op) {
    case 'and':
    case 'or':
      return { op: parsed.op, filters: parsed.filters.map(plain) };
    case 'not':
      return { op: 'not', filter: plain(parsed.filter) };
    case '[]':
      return { op: '[]', name: parsed.attrPath, filter: plain(parsed.valFilter) };
    case 'pr':
      return { op: 'pr', name: parsed.attrPath };
    default:
      return { op: parsed.op, name: parsed.attrPath, value: parsed.compValue };
  }
}

const wide = { ...strict, limits: { ...defaultLimits, filterBytes: 1e6, filterTerms: 1e4, filterDepth: 100 } };

describe('filters that are written and parsed again', () => {
  it('give the same tree', () => {
    fc.assert(
      fc.property(trees(name, value, 4), fc.infiniteStream(fc.nat()), (tree, choices) => {
        const text = write(tree, () => choices.next().value ?? 0);
        const rewritten = rewriteFilter(text, wide);
        expect(restore(parse(rewritten.text), rewritten)).toEqual(tree);
      }),
      random(500),
    );
  });

  it('give the tree that scim2-parse-filter gives, where it can parse them', () => {
    const simple = fc.oneof(fc.stringMatching(/^[A-Za-z ]*$/), fc.nat(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(trees(plainName, simple, 3), (tree) => {
        const text = write(tree, () => 0);
        const rewritten = rewriteFilter(text, wide);
        expect(restore(parse(rewritten.text), rewritten)).toEqual(plain(parse(text)));
      }),
      random(),
    );
  });
});
