import type { PatchOperation } from '../../wire/patch-operation.js';

/** A PATCH that replaces the title of a user. */
export const patchTitle = (value: string): readonly PatchOperation[] => [{ op: 'replace', path: 'title', value }];
