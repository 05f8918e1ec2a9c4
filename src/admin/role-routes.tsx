import type { Route } from './route.js';
export const roleRoutes: readonly Route[] = [];
