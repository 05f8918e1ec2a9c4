/** The base of the library: every module may import it, and it imports nothing. */
export type * from './attribute.js';
export type * from './context.js';
export type * from './resource.js';
export type * from './filter.js';
export type * from './event.js';
export type * from './store.js';
export type { Awaitable } from './awaitable.js';
