import type { IncomingMessage } from 'node:http';
import { PanelError } from './panel-error.js';

/** The fields of a form or a JSON body, by name; every value as text. */
export type Fields = ReadonlyMap<string, string>;

const maxBodyBytes = 16 * 1024;

/**
 * Reads a form, or a JSON object of strings, numbers, booleans and lists of strings, which become lines. Uses `req.body` where a body parser of the host has
 * read the request.
 *
 * @throws PanelError 400, 413 or 415
 */
export async function readFields(req: IncomingMessage & { readonly body?: unknown }): Promise<Fields> {
  if (req.readableDidRead || req.readableEnded) return toFields(req.body);
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const isForm = type === 'application/x-www-form-urlencoded';
  if (!isForm && type !== 'application/json') throw new PanelError(415, 'Send a form or a JSON object.');
  const text = await collect(req);
  if (isForm) return new Map(new URLSearchParams(text));
  try {
    return toFields(JSON.parse(text));
  } catch (error) {
    throw error instanceof SyntaxError ? new PanelError(400, 'The body is not valid JSON.') : error;
  }
}

function toFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new PanelError(400, 'The body must be a form or a JSON object.');
  }
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    const text = toText(value);
    if (text !== undefined) fields.set(name, text);
  }
  return fields;
}

/** @throws PanelError 400: a field that is left out could restrict what is created */
function toText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('\n');
  throw new PanelError(400, 'Every field must be a string, a number, true, false or a list of strings.');
}

async function collect(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new PanelError(413, 'The form is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
