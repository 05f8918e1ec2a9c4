/** A statement about a JSON document: a path, and what is expected there. */
export interface Fact {
  readonly path: string;
  readonly equals?: unknown;
  readonly notEquals?: unknown;
  readonly equalsIgnoreCase?: unknown;
  readonly oneOf?: readonly unknown[];
  readonly exists?: boolean;
  readonly absent?: boolean | 'orEmpty';
  readonly length?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly contains?: unknown;
  readonly notContains?: unknown;
  readonly type?: string;
  readonly matches?: string;
}

// `.name`, `['name']`, `[3]`, `[*]` and `[?(@.name=="text")]`
const step = /\.([^.[\]]+)|\['([^']*)'\]|\[(\d+)\]|\[(\*)\]|\[\?\(@\.([\w$]+) *== *"([^"]*)"\)\]/gy;

/** The values at a path such as `$.emails[?(@.type=="work")].value`; none where it leads nowhere. */
export function valuesAt(document: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [document];
  const steps = path.startsWith('$') ? path.slice(1) : `.${path}`;
  step.lastIndex = 0;
  let read = 0;
  for (let match = step.exec(steps); match !== null; match = step.exec(steps)) {
    read = step.lastIndex;
    const [, dotted, quoted, index, all, name, text] = match;
    values = values.flatMap((value) => {
      if (typeof value !== 'object' || value === null) return [];
      const key = dotted ?? quoted;
      if (key !== undefined) return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
      if (!Array.isArray(value)) return [];
      if (index !== undefined) return Number(index) < value.length ? [value[Number(index)] as unknown] : [];
      if (all !== undefined) return value as unknown[];
      const expected = (text ?? '').toLowerCase();
      return value.filter(
        (each: Record<string, unknown> | null) => String(each?.[name ?? '']).toLowerCase() === expected,
      ) as unknown[];
    });
  }
  if (read !== steps.length) throw new Error(`the path ${path} cannot be read`);
  return values;
}

/** What is wrong, or undefined where the fact holds. */
export function contradiction(document: unknown, fact: Fact): string | undefined {
  const values = valuesAt(document, fact.path);
  const [value] = values;
  const many = /\[\*\]|\[\?/.test(fact.path);
  const subject: unknown = many ? values : value;
  const wrong = (sentence: string): string => `${fact.path} ${sentence}, is ${show(subject)}`;
  if (fact.absent !== undefined) {
    const gone = value === undefined || value === null || (fact.absent === 'orEmpty' && isEmpty(value));
    return gone ? undefined : wrong('should be absent');
  }
  if (fact.exists === true) return value === undefined || value === null ? wrong('is missing') : undefined;
  const length = many ? values.length : lengthOf(value);
  const checks: readonly (readonly [keyof Fact, () => boolean, string])[] = [
    ['equals', () => isSame(value, fact.equals), `should be ${show(fact.equals)}`],
    ['notEquals', () => !isSame(value, fact.notEquals), `should not be ${show(fact.notEquals)}`],
    [
      'equalsIgnoreCase',
      () => folded(value) === folded(fact.equalsIgnoreCase),
      `should be ${show(fact.equalsIgnoreCase)} in any case`,
    ],
    ['oneOf', () => fact.oneOf?.some((each) => isSame(value, each)) === true, `should be one of ${show(fact.oneOf)}`],
    [
      'length',
      () => (length ?? (fact.length === 0 ? 0 : -1)) === fact.length,
      `should have length ${show(fact.length)}`,
    ],
    ['minLength', () => (length ?? -1) >= (fact.minLength ?? 0), `should have at least ${show(fact.minLength)}`],
    ['maxLength', () => (length ?? 0) <= (fact.maxLength ?? 0), `should have at most ${show(fact.maxLength)}`],
    ['contains', () => subject !== undefined && holds(subject, fact.contains), `should contain ${show(fact.contains)}`],
    [
      'notContains',
      () => subject === undefined || !holds(subject, fact.notContains),
      `should not contain ${show(fact.notContains)}`,
    ],
    ['type', () => typeOf(value).includes(fact.type ?? ''), `should be of type ${show(fact.type)}`],
    ['matches', () => new RegExp(fact.matches ?? '', 'i').test(String(value)), `should match ${show(fact.matches)}`],
  ];
  const known = checks.filter(([name]) => name in fact);
  if (known.length === 0) throw new Error(`the fact about ${fact.path} says nothing that is known here`);
  const failed = known.find(([, check]) => !check());
  return failed && wrong(failed[2]);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => isSame(left[name], right[name]));
}

function holds(subject: unknown, expected: unknown): boolean {
  if (!Array.isArray(subject)) return String(subject).includes(String(expected));
  return subject.some((each: unknown) => isSame(each, expected) || hasAll(each, expected));
}

function hasAll(value: unknown, expected: unknown): boolean {
  if (typeof value !== 'object' || value === null || typeof expected !== 'object' || expected === null) return false;
  return Object.entries(expected).every(([name, each]) => isSame((value as Record<string, unknown>)[name], each));
}

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function lengthOf(value: unknown): number | undefined {
  return typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
}

function typeOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return ['array'];
  if (value === null) return ['null'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
}

function folded(value: unknown): string {
  return String(value).toLowerCase();
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
