import { type Discovery } from '../operations/discover.js';
import { createEndpointTable, type EndpointTable } from '../operations/endpoints.js';
import type { Service } from '../operations/service.js';
import type { ActiveQuirks } from '../quirks/active-quirks.js';
import { createDispatch } from './dispatch.js';

/** What is compiled from one configuration: that of the router, or that of a tenant. */
export interface Runtime {
  readonly service: Service;
  readonly activeQuirks: ActiveQuirks;
  readonly endpoints: EndpointTable;
  readonly dispatch: ReturnType<typeof createDispatch>;
}

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
