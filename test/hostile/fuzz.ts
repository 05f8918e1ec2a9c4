// Random hostile requests of a grammar, from several clients at once, against a server of its own process: no response
// may be a 5xx, and nothing may hold the event loop. A run is repeated by its seed.
// `node --import tsx test/hostile/fuzz.ts [memory|sqlite] [seconds] [limit in ms] [seed]`
import { launchVictim, send, type Victim, warmUp } from './launch.js';

const [store = 'memory', secondsText = '60', limitText = '250', seedText] = process.argv.slice(2);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedText);
const limit = Number(limitText);
const clients = 8;

type Random = () => number;

/** mulberry32: small, and good enough to draw requests. */
function randomFrom(start: number): Random {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws one part of a request; `size` says how large it may be. */
class Grammar {
  readonly #random: Random;
  readonly #ids: string[];

  constructor(random: Random, ids: string[]) {
    this.#random = random;
    this.#ids = ids;
  }

  request(): { method: string; path: string; body?: string } {
    return this.#pick([
      () => ({ method: 'POST', path: '/Users', body: this.#json(this.#user()) }),
      () => ({ method: 'POST', path: '/Groups', body: this.#json(this.#group()) }),
      () => ({ method: 'PUT', path: `/Users/${this.#id()}`, body: this.#json(this.#user()) }),
      () => ({ method: 'PATCH', path: `/Users/${this.#id()}`, body: this.#json(this.#patch()) }),
      () => ({ method: 'PATCH', path: `/Groups/${this.#id()}`, body: this.#json(this.#patch()) }),
      () => ({ method: 'GET', path: `/Users?${this.#query()}` }),
      () => ({ method: 'GET', path: `/Groups?${this.#query()}` }),
      () => ({ method: 'GET', path: `/?${this.#query()}` }),
      () => ({ method: 'POST', path: '/Users/.search', body: this.#json(this.#search()) }),
      () => ({ method: 'POST', path: '/Bulk', body: this.#json(this.#bulk()) }),
    ])();
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined) throw new Error('Nothing to choose from.');
    return choice;
  }

  /** Small nearly always, up to the limit now and then. */
  #size(most: number): number {
    return Math.floor(most ** this.#random());
  }

  #id(): string {
    return this.#ids.length === 0 ? 'none' : this.#pick(this.#ids);
  }

  #text(most = 300_000): string {
    const piece = this.#pick([
      'a',
      'ab',
      '\u0300',
      '\u0315\u0300',
      'ａ',
      'Ж',
      'ß',
      '\u{1f600}',
      '"',
      '\\',
      '[',
      '(',
      'bulkId:',
      '"bulkId:',
      'urn:',
      '.',
      ' ',
      '{"a":',
      '\u202e',
      'İ',
      'ﷺ',
      '각',
      '\u1100\u1161',
      '%00',
      '../',
    ]);
    const tail = this.#pick(['', 'a', 'x', '"', ']']);
    return `${this.#pick(['', 'a', '_'])}${piece.repeat(Math.ceil(this.#size(most) / piece.length))}${tail}`;
  }

  #many<T>(most: number, make: () => T): T[] {
    const sample = make();
    const same = this.#random() < 0.5;
    return Array.from({ length: this.#size(most) }, () => (same ? sample : make()));
  }

  #value(): unknown {
    return this.#pick<() => unknown>([
      () => this.#text(),
      () => this.#many(20_000, () => ({ value: this.#text(20), type: this.#pick(['work', 'home', 'x']) })),
      () => this.#many(20_000, () => this.#text(10)),
      () => this.#nested(),
      () => Object.fromEntries(this.#many(20_000, () => [this.#text(12), 1] as const)),
      () => null,
      () => '',
      () => this.#random() * 1e18,
    ])();
  }

  #nested(): unknown {
    let value: unknown = 'x';
    for (let i = this.#size(40); i > 0; i--) value = this.#random() < 0.5 ? [value] : { a: value };
    return this.#random() < 0.5 ? value : JSON.stringify(value);
  }

  #attribute(): string {
    return this.#pick([
      'userName',
      'title',
      'displayName',
      'emails',
      'roles',
      'name',
      'members',
      'manager',
      'active',
      'x509Certificates',
      'addresses',
      'nickName',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
    ]);
  }

  #user(): object {
    const user: Record<string, unknown> = {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: this.#random() < 0.8 ? `u${String(Math.floor(this.#random() * 1e9))}` : this.#text(),
    };
    for (let i = this.#size(6); i > 0; i--) user[this.#attribute()] = this.#value();
    return user;
  }

  #group(): object {
    return {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: this.#text(100_000),
      members: this.#many(50_000, () => ({ value: this.#random() < 0.3 ? this.#id() : this.#text(12) })),
    };
  }

  #comparison(): string {
    const attribute = this.#pick([
      this.#attribute(),
      `${this.#attribute()}.value`,
      `${this.#attribute()}.type`,
      'id',
      'meta.created',
    ]);
    const op = this.#pick(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le', 'pr']);
    return op === 'pr' ? `${attribute} pr` : `${attribute} ${op} ${JSON.stringify(this.#text(4_000))}`;
  }

  #filter(): string {
    const open = this.#size(25);
    const parts = this.#many(250, () => this.#comparison());
    const text = parts.join(this.#pick([' or ', ' and ', ' and not ']));
    return `${'('.repeat(open)}${text}${')'.repeat(this.#random() < 0.9 ? open : 0)}`;
  }

  #path(): string {
    const attribute = this.#attribute();
    return this.#pick([
      attribute,
      `${attribute}.${this.#pick(['value', 'type', 'display', this.#text(1_000)])}`,
      `${attribute}[${this.#filter()}]`,
      `${attribute}[${this.#comparison()}].value`,
      this.#text(100_000),
    ]);
  }

  #patch(): object {
    const operations = this.#many(5_000, () => ({
      op: this.#pick(['add', 'replace', 'remove']),
      ...(this.#random() < 0.85 ? { path: this.#path() } : {}),
      ...(this.#random() < 0.85 ? { value: this.#value() } : {}),
    }));
    return {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: operations.slice(0, this.#size(5_000)),
    };
  }

  #search(): object {
    return {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter: this.#filter(),
      ...(this.#random() < 0.5 ? { sortBy: this.#attribute() } : {}),
      ...(this.#random() < 0.5 ? { attributes: this.#many(5_000, () => this.#text(30)) } : {}),
      count: this.#pick([0, 1, 200, 1e9]),
    };
  }

  #query(): string {
    const parts = [
      `filter=${encodeURIComponent(cut(this.#filter()))}`,
      `sortBy=${this.#attribute()}`,
      'count=200',
      'cursor',
      `attributes=${encodeURIComponent(
        this.#many(300, () => this.#attribute())
          .join(',')
          .slice(0, 6_000),
      )}`,
    ];
    return parts.filter(() => this.#random() < 0.4).join('&');
  }

  #bulk(): object {
    const Operations = this.#many(100, () => {
      const bulkId = `b${String(Math.floor(this.#random() * 50))}`;
      return this.#pick([
        () => ({ method: 'POST', path: '/Users', bulkId, data: this.#user() }),
        () => ({
          method: 'POST',
          path: '/Groups',
          bulkId,
          data: {
            ...this.#group(),
            members: this.#many(100, () => ({ value: `bulkId:b${String(Math.floor(this.#random() * 50))}` })),
          },
        }),
        () => ({
          method: 'PATCH',
          path: `/Users/${this.#random() < 0.5 ? this.#id() : `bulkId:${bulkId}`}`,
          data: this.#patch(),
        }),
        () => ({ method: 'DELETE', path: `/Users/${this.#id()}` }),
      ])();
    });
    return { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations };
  }

  /** Bodies above the limit are refused for their size: nothing is learned from many of them. */
  #json(body: object): string {
    let text: string;
    try {
      text = JSON.stringify(body);
    } catch {
      // Longer than a string may be.
      return '{}';
    }
    return text.length > 9_000_000 ? text.slice(0, 9_000_000) : text;
  }
}

/** As much as fits into a URL, without half a surrogate pair at the end. */
function cut(text: string): string {
  return text.slice(0, 4_000).replace(/[\ud800-\udbff]$/, '');
}

async function client(
  victim: Victim,
  grammar: Grammar,
  ids: string[],
  until: number,
  problems: string[],
): Promise<number> {
  let count = 0;
  while (performance.now() < until && victim.isAlive() && problems.length < 5) {
    const { method, path, body } = grammar.request();
    const { status, text } = await send(victim, method, path, body);
    count++;
    if (status === 0 || status >= 500)
      problems.push(
        `${method} ${path.slice(0, 100)} ${String(body?.length)}: ${String(status)} ${text.slice(0, 200)} ${(body ?? '').slice(0, 300)}`,
      );
    if (status === 201 && ids.length < 200) ids.push((JSON.parse(text) as { id: string }).id);
    const { held } = await victim.measured();
    if (held > limit)
      problems.push(
        `held for ${held.toFixed(0)} ms about ${method} ${path.slice(0, 100)} ${String(body?.length)}: ${String(status)} ${(body ?? '').slice(0, 300)}`,
      );
  }
  return count;
}

const victim = await launchVictim(store);
await warmUp(victim);
const ids: string[] = [];
const problems: string[] = [];
const until = performance.now() + Number(secondsText) * 1_000;
// Each client draws from a seed of its own: how they interleave does not change what each of them sends.
const runs = Array.from({ length: clients }, (_, i) =>
  client(victim, new Grammar(randomFrom(seed + i), ids), ids, until, problems),
);
const requests = (await Promise.all(runs)).reduce((sum, each) => sum + each, 0);
if (!victim.isAlive()) problems.push('the server died');
victim.stop();
for (const problem of problems) console.log(problem);
console.log(`seed ${String(seed)}: ${String(requests)} requests, ${String(problems.length)} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
