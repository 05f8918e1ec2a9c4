import { readFileSync } from 'node:fs';

/** What a case of patches.json expects; see its `about`. */
export interface Expectation {
  readonly status: number | readonly number[];
  readonly scimType?: string | readonly string[];
  readonly after?: unknown;
  readonly body?: { readonly has?: readonly string[]; readonly lacks?: readonly string[] };
  readonly unchanged?: boolean;
  readonly or?: readonly Expectation[];
}
/** A case of patches.json. */
export interface Case {
  readonly id: string;
  readonly group: string;
  readonly resourceType: 'User' | 'Group';
  readonly before?: unknown;
  readonly patch?: unknown;
  readonly patches?: readonly unknown[];
  readonly raw?: string;
  readonly target?: string;
  readonly query?: string;
  readonly contentType?: string;
  readonly expect: Expectation;
}

export const { cases } = JSON.parse(readFileSync(new URL('./patches.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

/** Replaces the placeholders of a text. */
export type Fill = (text: string) => string;

/** A case with its placeholders filled in and `$repeat` expanded. */
export function expand(value: unknown, fill: Fill): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      const repeat = (item as { $repeat?: { count: number; item: unknown } } | null)?.$repeat;
      if (repeat === undefined) return [expand(item, fill)];
      return Array.from({ length: repeat.count }, (_, i) =>
        expand(JSON.parse(JSON.stringify(repeat.item).replaceAll('{{i}}', String(i + 1))), fill),
      );
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [fill(key), expand(item, fill)]));
}

export const isGone = (value: unknown): boolean => {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.every(isGone);
  return typeof value === 'object' && Object.values(value).every(isGone);
};

/** Whether a resource has the attributes that a case expects. */
export function holds(expected: unknown, got: unknown, key = ''): boolean {
  if (expected === null) return isGone(got) || (key === 'primary' && got === false);
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return isGone(got) && expected.length === 0;
    return (
      expected.length === got.length &&
      expected.every((one: unknown) => got.some((other: unknown) => holds(one, other)))
    );
  }
  if (typeof expected !== 'object')
    return expected === got || (expected === false && key === 'primary' && got === undefined);
  const said = expected as Readonly<Record<string, unknown>>;
  if ('$empty' in said) return isGone(got) || got === '';
  if ('$any' in said) return true;
  if ('$count' in said) return (Array.isArray(got) ? got.length : 0) === said['$count'];
  if ('$not' in said) return !holds(said['$not'], got, key);
  if ('$oneOf' in said) return (said['$oneOf'] as unknown[]).some((one) => holds(one, got, key));
  if ('$includes' in said) {
    return (said['$includes'] as unknown[]).every(
      (one) => Array.isArray(got) && got.some((other) => holds(one, other)),
    );
  }
  const object = (typeof got === 'object' && got !== null ? got : {}) as Readonly<Record<string, unknown>>;
  return Object.keys(said).every((name) =>
    holds(said[name], Object.hasOwn(object, name) ? object[name] : undefined, name),
  );
}
