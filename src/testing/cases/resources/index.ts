import type { Checks } from '../../checks.js';
import type { RunnableCase } from '../../store-case.js';
import { resourceFaultCases } from './faults.js';
import { exchangeCases } from './exchange.js';
import { resourceFilterCases } from './filters.js';
import { keyCases } from './keys.js';
import type { Kind } from './kind.js';
import { outboxCases } from './outbox.js';
import { resourcePageCases } from './pages.js';
import { similarCases } from './similar.js';
import { similarTenantCases } from './similar-tenants.js';
import { tenantCases } from './tenants.js';
import { typedFilterCases } from './typed-filters.js';
import { resourceVersionCases } from './versions.js';
import { writeCases } from './writes.js';

/**
 * The test cases that hold for every resource type.
 *
 * @param lookups paths of the attributes that clients look a resource up by, beside its ID
 */
export function resourceCases<T extends Checks>(kind: Kind<T>, lookups: readonly string[]): readonly RunnableCase<T>[] {
  return [
    ...[writeCases(kind), exchangeCases(kind), similarCases(kind)].flat(),
    ...[resourceVersionCases(kind), keyCases(kind)].flat(),
    ...[tenantCases(kind, ['id', ...lookups]), similarTenantCases(kind)].flat(),
    ...[resourceFilterCases(kind), typedFilterCases(kind)].flat(),
    ...[resourcePageCases(kind), outboxCases(kind), resourceFaultCases(kind)].flat(),
  ];
}
