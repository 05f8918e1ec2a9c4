import { sql } from '../../database/sql.js';
import { storable } from '../../database/storable.js';
import type { Filter } from '../../contract/filter.js';
import type { Condition } from '../sql/compare.js';

/**
 * A condition that every match of a filter satisfies: the JSON text of its document contains the text that the filter compares.
 * To look for a text takes a fraction of the time that it takes to read the JSON.
 *
 * @param contains the condition that the JSON text contains a text
 * @returns undefined where a match may contain none of the filter's texts
 */
export function containedText(filter: Filter, contains: (text: string) => Condition): Condition | undefined {
  switch (filter.op) {
    case 'some':
      return containedText(filter.filter, contains);
    case 'and':
      for (const each of filter.filters) {
        const found = containedText(each, contains);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'or': {
      const found = filter.filters.map((each) => containedText(each, contains)).filter((part) => part !== undefined);
      return found.length > 0 && found.length === filter.filters.length
        ? sql`(${sql.join(found, sql` or `)})`
        : undefined;
    }
    case 'eq':
    case 'co':
    case 'sw':
    case 'ew': {
      if (typeof filter.value !== 'string' || filter.value === '') return undefined;
      // As `JSON.stringify` writes it into the document, between quotation marks where it begins or ends the value.
      const json = JSON.stringify(storable(filter.value));
      const isStart = filter.op === 'eq' || filter.op === 'sw';
      const isEnd = filter.op === 'eq' || filter.op === 'ew';
      return contains(json.slice(isStart ? 0 : 1, isEnd ? undefined : -1));
    }
    default:
      return undefined;
  }
}
