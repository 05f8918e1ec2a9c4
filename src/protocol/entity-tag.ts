/** The versions that an If-Match or If-None-Match header lists; `'*'`: any. */
export type EntityTags = '*' | readonly string[];

const tag = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/**
 * Reads If-Match or If-None-Match (RFC 9110 13.1).
 *
 * Weak and strong tags are treated alike: the RFC's own examples send weak ones in If-Match, so both headers use weak
 * comparison (standards reading 20). A malformed tag matches nothing.
 */
export function parseEntityTags(header: string | undefined): EntityTags | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  if (header.trim() === '*') return '*';
  return header.split(',').map((part) => tag.exec(part.trim())?.[1] ?? '');
}

/** The ETag header and `meta.version` of a stored version. */
export function entityTag(version: string): string {
  return `W/"${version}"`;
}

/** Whether the tags include the version. */
export function matchesTag(tags: EntityTags, version: string): boolean {
  return tags === '*' || tags.includes(version);
}
