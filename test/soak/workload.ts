import { setTimeout as sleep } from 'node:timers/promises';

/** What a client was told, and what it may not know: an answer that never came says nothing about the write. */
export interface Told {
  readonly userName: string;
  /** Undefined where no creation was acknowledged. */
  id: string | undefined;
  /** Last acknowledged title. */
  title: string | undefined;
  /** Titles sent after it, of which nothing is known. */
  readonly maybe: Set<string>;
  active: boolean | undefined;
  readonly maybeActive: Set<boolean>;
  /** Whether the group has the user: acknowledged, or unknown. */
  member: boolean | 'unknown';
}

export interface Figures {
  acknowledged: number;
  refused: number;
  unknown: number;
  readonly statuses: Map<number, number>;
}

const urn = 'urn:ietf:params:scim';

/** Sends requests to any of several processes, as a load balancer without memory does. */
export class Clients {
  readonly figures: Figures = { acknowledged: 0, refused: 0, unknown: 0, statuses: new Map() };
  readonly #urls: readonly string[];
  readonly #key: string;
  #next = 0;

  constructor(urls: readonly string[], key: string) {
    this.#urls = urls;
    this.#key = key;
  }

  /** One request to the next process; undefined where no answer came. */
  async send(
    method: string,
    path: string,
    body?: object,
    url = this.#urls[this.#next++ % this.#urls.length],
  ): Promise<{ status: number; body: Record<string, unknown> } | undefined> {
    try {
      const response = await fetch(`${String(url)}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/scim+json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(60_000),
      });
      const text = await response.text();
      const { statuses } = this.figures;
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status < 300) this.figures.acknowledged++;
      else this.figures.refused++;
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    } catch {
      this.figures.unknown++;
      await sleep(50);
      return undefined;
    }
  }

  /** A request that is sent until it is answered with success; for set-up and for looking at the end. */
  async until(method: string, path: string, body?: object, url?: string): Promise<Record<string, unknown>> {
    for (let attempt = 0; attempt < 120; attempt++) {
      const response = await this.send(method, path, body, url);
      if (response !== undefined && response.status < 300) return response.body;
      await sleep(500);
    }
    throw new Error(`${method} ${path} found no success in a minute.`);
  }
}

export function userNamed(userName: string): object {
  return { schemas: [`${urn}:schemas:core:2.0:User`], userName, title: 't0', active: true };
}

export function patch(...operations: object[]): object {
  return { schemas: [`${urn}:api:messages:2.0:PatchOp`], Operations: operations };
}

export function groupNamed(displayName: string): object {
  return { schemas: [`${urn}:schemas:core:2.0:Group`], displayName };
}

/** One provisioning client: makes users and changes them, one at a time, and writes down what it was told. */
export async function provision(
  name: string,
  group: string,
  clients: Clients,
  isOver: () => boolean,
): Promise<readonly Told[]> {
  const all: Told[] = [];
  for (let n = 0; !isOver(); n++) {
    const told: Told = {
      userName: `${name}-${String(n)}@soak.example`,
      id: undefined,
      title: undefined,
      maybe: new Set(),
      active: undefined,
      maybeActive: new Set(),
      member: false,
    };
    all.push(told);
    await create(told, clients);
    if (told.id === undefined) continue;
    for (let step = 0; step < 3 && !isOver(); step++) {
      await change(told, step, clients);
      await join(told, group, step % 2 === 0, clients);
    }
  }
  return all;
}

async function create(told: Told, clients: Clients): Promise<void> {
  const response = await clients.send('POST', '/Users', userNamed(told.userName));
  if (response?.status !== 201) return;
  told.id = String(response.body['id']);
  told.title = 't0';
  told.active = true;
}

async function change(told: Told, step: number, clients: Clients): Promise<void> {
  const title = `t${String(step + 1)}`;
  const active = step % 2 === 1;
  const body = patch({ op: 'Replace', path: 'title', value: title }, { op: 'Replace', path: 'active', value: active });
  const response = await clients.send('PATCH', `/Users/${String(told.id)}`, body);
  if (response === undefined || response.status >= 500) {
    told.maybe.add(title);
    told.maybeActive.add(active);
  } else if (response.status < 300) {
    told.title = title;
    told.active = active;
    told.maybe.clear();
    told.maybeActive.clear();
  }
}

async function join(told: Told, group: string, isIn: boolean, clients: Clients): Promise<void> {
  const operation = isIn
    ? { op: 'add', path: 'members', value: [{ value: told.id }] }
    : { op: 'remove', path: `members[value eq "${String(told.id)}"]` };
  const response = await clients.send('PATCH', `/Groups/${group}`, patch(operation));
  if (response === undefined || response.status >= 500) told.member = 'unknown';
  else if (response.status < 300) told.member = isIn;
}
