/**
 * Change events, delivered to receivers outside of the app: webhooks that are signed as Standard Webhooks says, and
 * security event tokens (RFC 9967). The store in SQL tables, `sqlDeliveryStore`, is in `express-scim/sql`.
 *
 * @module express-scim/events
 */
export { eventDelivery, type EventDelivery } from './event-delivery.js';
export type { EventDeliveryOptions } from './options.js';
export type { EventEndpoint, SecurityEventEndpoint, WebhookEndpoint } from './endpoint.js';
export { generateWebhookSecret } from './secret.js';
export { securityEventUris, type EventResourceType } from './security-event.js';
export type { SecurityEventOptions } from './security-event-token.js';
export type {
  ClaimedDelivery,
  DeliveryOutcome,
  DeliveryStore,
  DueEndpoint,
  EndpointFailure,
  EndpointHealth,
  NewDelivery,
} from './delivery-store.js';
export { memoryDeliveryStore } from './memory-delivery-store.js';
export type {
  AttemptResult,
  Delivery,
  DeliveryAdministration,
  DeliveryQuery,
  DeliveryState,
  EndpointStatus,
} from '../contract/deliveries.js';
