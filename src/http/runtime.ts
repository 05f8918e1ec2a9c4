import type { Awaitable } from '../contract/awaitable.js';
import { type Discovery } from '../operations/discover.js';
import { createEndpointTable, type EndpointTable } from '../operations/endpoints.js';
import type { RequestContext } from '../operations/request-context.js';
import type { Service } from '../operations/service.js';
import type { ActiveQuirks } from '../quirks/active-quirks.js';
import { createDispatch } from './dispatch.js';

/** What is compiled from one configuration: that of the router, or that of a tenant. */
export interface Runtime {
  readonly service: Service;
  readonly activeQuirks: ActiveQuirks;
  readonly endpoints: EndpointTable;
  readonly dispatch: ReturnType<typeof createDispatch>;
  /** What a client sees of it, where not all clients see the same. */
  readonly viewOf?: ((ctx: RequestContext) => Awaitable<View>) | undefined;
}

/** The endpoints as a client sees them, and what they run. */
export type View = Pick<Runtime, 'endpoints' | 'dispatch'>;

/** @param onParsedBody called for each body that a parser of the host has read */
export function createRuntime(
  service: Service,
  discovery: Discovery,
  activeQuirks: ActiveQuirks,
  onParsedBody: () => void,
): Runtime {
  const endpoints = createEndpointTable(service);
  return {
    service,
    activeQuirks,
    endpoints,
    dispatch: createDispatch({ service, discovery, endpoints, onParsedBody }),
  };
}
