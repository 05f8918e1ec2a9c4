import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { readConfiguration } from '../../examples/asset-tracker/configuration.js';
import { startServer } from '../../examples/asset-tracker/start.js';
import { isEmbeddedTested, postgresUrl } from '../database-servers.js';

export const panel = '/settings/add-ons/user-provisioning';
export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const password = 'a password for tests';
const core = 'urn:ietf:params:scim:schemas:core:2.0';

/** Environment variables of every test. */
export const environment = {
  PORT: '0',
  DATABASE_FILE: ':memory:',
  ADMIN_PASSWORD: password,
  LOG_LEVEL: 'silent',
} as const;

/** SQLite, and PostgreSQL where the environment names a server. */
export const databases: readonly string[] = [
  ...(isEmbeddedTested ? ['SQLite'] : []),
  ...(postgresUrl === undefined ? [] : ['PostgreSQL']),
];

/** Creates a schema in PostgreSQL. @returns its DATABASE_URL, and a function that drops it */
async function postgresSchema(url: string) {
  const schema = `tracker_${randomBytes(6).toString('hex')}`;
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  await pool.query(`create schema ${schema}`);
  const schemaUrl = new URL(url);
  schemaUrl.searchParams.set('options', `-c search_path=${schema}`);
  const drop = async (): Promise<void> => {
    await pool.query(`drop schema ${schema} cascade`);
    await pool.end();
  };
  return { url: schemaUrl.href, drop };
}

/** Starts the product in this process, on a free port. */
export async function openTracker(database = 'SQLite') {
  const schema = database === 'SQLite' ? undefined : await postgresSchema(postgresUrl ?? '');
  const running = await startServer(readConfiguration({ ...environment, DATABASE_URL: schema?.url }));
  const visitor = new Visitor(running.address);
  await visitor.signIn(running.email);
  const stop = async (): Promise<void> => {
    await running.stop();
    await schema?.drop();
  };
  return { ...running, visitor, stop };
}

/** A response with a page. */
export interface PageResponse {
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

/** A minimal browser: it keeps cookies and sends forms with the CSRF token of their page. */
export class Visitor {
  readonly address: string;
  readonly #cookies = new Map<string, string>();

  constructor(address: string) {
    this.address = address;
  }

  async signIn(email: string, word = password): Promise<PageResponse> {
    return this.submit('/sign-in', '/sign-in', { email, password: word });
  }

  /** Follows redirects, as a browser does. */
  async see(path: string): Promise<PageResponse> {
    const seen = await this.send(path, { method: 'GET' });
    const to = seen.headers.get('location');
    return to === null ? seen : this.see(to);
  }

  /** Loads a page, and sends a form from it. */
  async submit(page: string, action: string, fields: Readonly<Record<string, string>>): Promise<PageResponse> {
    const { html } = await this.see(page);
    // The layout has a form before those of the panel.
    const csrf = tokensIn(html).at(-1) ?? '';
    const seen = await this.post(action, { csrf, ...fields });
    const to = seen.headers.get('location');
    return to === null ? seen : this.see(to);
  }

  post(action: string, fields: Readonly<Record<string, string>>): Promise<PageResponse> {
    return this.send(action, { method: 'POST', body: new URLSearchParams(fields) });
  }

  async send(path: string, init: RequestInit): Promise<PageResponse> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(this.address + path, { ...init, headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return { status: response.status, html: await response.text(), headers: response.headers };
  }

  /** Reads server-sent events. */
  live(path: string): { text(): string; hasEnded(): boolean; end(): void } {
    let text = '';
    let hasEnded = false;
    const controller = new AbortController();
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const read = async (): Promise<void> => {
      const { body } = await fetch(this.address + path, { headers: { cookie }, signal: controller.signal });
      const decoder = new TextDecoder();
      for await (const part of body ?? []) text += decoder.decode(part as Uint8Array, { stream: true });
      hasEnded = true;
    };
    read().catch(() => undefined);
    return { text: () => text, hasEnded: () => hasEnded, end: () => controller.abort() };
  }

  async enable(state: 'enabled' | 'disabled' = 'enabled'): Promise<void> {
    await this.submit(panel, `${panel}/status`, { enabled: String(state === 'enabled') });
  }

  /** Creates a connector key, and reads it from the page that shows it. */
  async createKey(label = 'Test provider'): Promise<string> {
    return keyIn((await this.submit(panel, `${panel}/keys`, { name: label, days: '0', scope: 'everything' })).html);
  }
}

/** The CSRF tokens of the forms of a page, in their order. */
export function tokensIn(html: string): readonly string[] {
  return [...html.matchAll(/name="csrf" value="([^"]+)"/g)].map(([, token = '']) => token);
}

export function keyIn(html: string): string {
  const key = /assets_[0-9a-f]{16}_[0-9a-f]+/.exec(html)?.[0];
  if (key === undefined) throw new Error('the page shows no key');
  return key;
}

/** An identity provider with a connector key. */
export class Provider {
  readonly #base: string;
  readonly key: string;

  constructor(address: string, key: string) {
    this.#base = `${address}/scim/v2`;
    this.key = key;
  }

  async send(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/scim+json' };
    const response = await fetch(this.#base + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  createUser(attributes: object) {
    return this.send('POST', '/Users', { schemas: [`${core}:User`, enterprise], ...attributes });
  }

  createGroup(attributes: object) {
    return this.send('POST', '/Groups', { schemas: [`${core}:Group`], ...attributes });
  }

  patch(path: string, ...operations: readonly object[]) {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    return this.send('PATCH', path, { schemas, Operations: operations });
  }

  switch(id: string, active: boolean) {
    return this.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: active });
  }

  async idOf(userName: string): Promise<string> {
    const { body } = await this.send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`);
    const [found] = body['Resources'] as readonly { readonly id: string }[];
    if (found === undefined) throw new Error(`nobody has the userName ${userName}`);
    return found.id;
  }
}

/** Looks again until it is so. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
