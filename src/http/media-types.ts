import type { IncomingMessage } from 'node:http';
import { ScimError } from '../errors.js';

/** The media type of every response body, without a parameter: JSON is always UTF-8 (RFC 7644 3.1, 8.1). */
export const scimJson = 'application/scim+json';

const acceptedRanges = new Set([scimJson, 'application/json', 'application/*', '*/*']);

/** @throws ScimError 406 where the client accepts neither of the two types */
export function checkAccept(accept: string | undefined): void {
  if (accept === undefined || accept === scimJson || accept === '*/*' || accept.trim() === '') return;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';');
    if (!acceptedRanges.has(type.trim().toLowerCase())) continue;
    if (!parameters.some((parameter) => /^\s*q\s*=\s*0(?:\.0*)?\s*$/i.test(parameter))) return;
  }
  throw new ScimError(406, `Responses are ${scimJson}; include it, or application/json, in Accept.`);
}

/** @throws ScimError 415 for a body that has another type or charset, or is compressed */
export function checkContentType(req: IncomingMessage): void {
  const type = req.headers['content-type'];
  if (type !== scimJson && type !== 'application/json') checkTypeAndCharset(type);
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw new ScimError(415, 'Compressed bodies are not accepted.');
  }
}

function checkTypeAndCharset(header: string | undefined): void {
  const [type = '', ...parameters] = (header ?? '').split(';');
  const name = type.trim().toLowerCase();
  if (name !== scimJson && name !== 'application/json') {
    throw new ScimError(415, `Send the body as ${scimJson} or application/json.`);
  }
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    if (parameter.slice(0, equals).trim().toLowerCase() !== 'charset') continue;
    const charset = parameter.slice(equals + 1).trim();
    if (!/^(?:utf-?8|"utf-?8")$/i.test(charset)) throw new ScimError(415, 'Send the body as UTF-8.');
  }
}
