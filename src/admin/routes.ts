import { conflictRoutes } from './conflict-routes.js';
import { connectionRoutes } from './connection-routes.js';
import { deliveryRoutes } from './delivery-routes.js';
import { keyRoutes } from './key-routes.js';
import { logRoutes } from './log-routes.js';
import { mappingRoutes } from './mapping-routes.js';
import { roleRoutes } from './role-routes.js';
import type { Route } from './route.js';

/** Every page, form and endpoint of the panel. */
export const routes: readonly Route[] = [
  ...connectionRoutes,
  ...keyRoutes,
  ...logRoutes,
  ...mappingRoutes,
  ...roleRoutes,
  ...conflictRoutes,
  ...deliveryRoutes,
];
