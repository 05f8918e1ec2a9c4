import { AttributeMapping } from './pages/mapping.js';
import type { Route } from './route.js';
import { get, json, show } from './route-builders.js';

/** The attribute mapping. */
export const mappingRoutes: readonly Route[] = [
  get('/mapping', async ({ visit }) => show(visit, 'mapping', 'Mapping', <AttributeMapping visit={visit} />)),
  get('/api/mapping', async ({ visit }) => json(visit.options.mapping ?? [])),
];
