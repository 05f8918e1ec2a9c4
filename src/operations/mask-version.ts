import { createHmac, randomBytes } from 'node:crypto';
import type { Service } from './service.js';

/** Characters of 6 bits: 132 bits are enough to tell versions apart. */
const characters = 22;

/**
 * Makes versions that tell nothing about what they were made of. A store may hash all that it keeps, and a client that knows
 * the rest of a resource could then try out values of what is hidden from it.
 *
 * @param secrets of the options; the first counts. Without any a random one does, so versions end with the process.
 */
export function createVersionMask(secrets: readonly string[]): NonNullable<Service['maskVersion']> {
  const key = secrets[0] ?? randomBytes(32);
  return (version, id, tenant) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['version', tenant, id, version]))
      .digest('base64url')
      .slice(0, characters);
}
