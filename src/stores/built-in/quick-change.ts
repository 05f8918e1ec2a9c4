import type { Change, WriteResult } from '../../contract/store.js';
import { needsLock, type NeedsLock, type WriteScope } from './write-resource.js';

export function quickChange<R extends object>(
  _id: string,
  _change: Change<R>,
  _scope: WriteScope,
): Promise<WriteResult<R> | NeedsLock | undefined> {
  return Promise.resolve(needsLock);
}
