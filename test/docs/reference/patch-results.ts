import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectorKeys, createScimRouter, MemoryStore } from '../../../src/index.js';
import type { Attribute } from '../../../src/schema/attribute.js';
import type { ResourceType } from '../../../src/schema/resource-type.js';

/** A path of a PATCH and what the router makes of each operation: `yes`, or the status and scimType of the refusal. */
export interface PatchPath {
  readonly path: string;
  readonly add: string;
  readonly replace: string;
  readonly remove: string;
}

const key = 'a-connector-key-for-the-reference';
const operations = ['add', 'replace', 'remove'] as const;

type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** Sends every operation on every path of a type to a router over a memory store, each to a new resource. */
export async function patchPaths(type: ResourceType): Promise<readonly PatchPath[]> {
  const router = createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]) });
  const server = createServer((req, res) => router(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const call: Call = async (method, path, body) => {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  try {
    const other = await create(call, '/Users', { userName: 'manager' });
    const rows: PatchPath[] = [];
    for (const [path, value] of pathsOf(type, other)) {
      const results: Record<string, string> = {};
      for (const op of operations) results[op] = await tryOne(call, type, other, { op, path, value });
      rows.push({
        path: path.replace(other, '2819c223'),
        add: results['add'] ?? '',
        replace: results['replace'] ?? '',
        remove: results['remove'] ?? '',
      });
    }
    return rows;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function create(call: Call, endpoint: string, resource: object): Promise<string> {
  const { status, body } = await call('POST', endpoint, resource);
  if (status !== 201) throw new Error(`POST ${endpoint}: ${JSON.stringify(body)}`);
  return (body as { readonly id: string }).id;
}

let count = 0;

async function tryOne(
  call: Call,
  type: ResourceType,
  other: string,
  { op, path, value }: { readonly op: string; readonly path: string; readonly value: unknown },
): Promise<string> {
  count += 1;
  const name = type.name === 'User' ? 'userName' : 'displayName';
  const id = await create(call, type.endpoint, { ...sampleOf(type.attributes, other), [name]: `n${String(count)}` });
  const { status, body } = await call('PATCH', `${type.endpoint}/${id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [op === 'remove' ? { op, path } : { op, path, value }],
  });
  // What the operation wrote must not be in the way of the next one.
  await call('DELETE', `${type.endpoint}/${id}`);
  if (status < 300) return 'yes';
  const { scimType = '' } = body as { readonly scimType?: string };
  return `${String(status)} ${scimType}`.trim();
}

/** Every path, with a value that fits. */
function* pathsOf(type: ResourceType, other: string): Generator<readonly [string, unknown]> {
  for (const attribute of type.attributes) {
    if (attribute.container) {
      for (const each of attribute.attributes) yield* pathsOfAttribute(each, other);
    } else yield* pathsOfAttribute(attribute, other);
  }
}

function* pathsOfAttribute(attribute: Attribute, other: string): Generator<readonly [string, unknown]> {
  const { path, multiValued } = attribute;
  yield [path, valueOf(attribute, other)];
  if (attribute.attributes.size === 0) return;
  if (!multiValued) {
    for (const each of attribute.attributes) yield [each.path, valueOf(each, other)];
    return;
  }
  const filter =
    attribute.attributes.get('type')?.mutability === 'readWrite' ? 'type eq "work"' : `value eq "${other}"`;
  yield [`${path}[${filter}]`, oneOf(attribute, other)];
  for (const each of attribute.attributes) yield [`${path}[${filter}].${each.name}`, valueOf(each, other)];
}

function sampleOf(attributes: Iterable<Attribute>, other: string): Record<string, unknown> {
  const sample: Record<string, unknown> = {};
  for (const attribute of attributes) {
    if (attribute.mutability === 'readOnly' || attribute.name === 'schemas') continue;
    sample[attribute.name] = attribute.container ? sampleOf(attribute.attributes, other) : valueOf(attribute, other);
  }
  return sample;
}

function valueOf(attribute: Attribute, other: string): unknown {
  const one = oneOf(attribute, other);
  return attribute.multiValued ? [one] : one;
}

function oneOf(attribute: Attribute, other: string): unknown {
  const { type, name, parent, namesResource } = attribute;
  if (namesResource) return { value: other };
  switch (type) {
    case 'complex': {
      return sampleOf(attribute.attributes, other);
    }
    case 'boolean':
      return true;
    case 'integer':
    case 'decimal':
      return 1;
    case 'dateTime':
      return '2026-01-01T00:00:00Z';
    case 'binary':
      return 'AAAA';
    case 'reference':
      return 'https://example.com/a';
    case 'string':
      return textOf(name, parent, other);
  }
}

function textOf(name: string, parent: Attribute | undefined, other: string): string {
  if (parent?.namesResource === true && name === 'value') return other;
  if (name === 'type') return parent?.path === 'members' ? 'User' : 'work';
  if (name === 'value' && parent?.path === 'emails') return 'ada@example.com';
  if (name === 'value' && parent?.path === 'phoneNumbers') return 'tel:+1-201-555-0123';
  if (name === 'country') return 'GB';
  if (name === 'locale' || name === 'preferredLanguage') return 'en-GB';
  return name === 'timezone' ? 'Europe/London' : 'a';
}
