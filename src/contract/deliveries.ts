/** Deliveries of change events to receivers outside of the app: what `express-scim/events` keeps and the panel shows. */

/** `pending`: an attempt is due or under way. `dead`: there are no further attempts, unless it is sent again. */
export type DeliveryState = 'pending' | 'delivered' | 'dead';

/** The delivery of one event to one endpoint. Times are milliseconds since 1970. */
export interface Delivery {
  readonly tenant: string;
  /** Unique in the tenant, and the same in each attempt: the receiver gets it as `webhook-id` or `jti`. */
  readonly id: string;
  /** ID of the endpoint. */
  readonly endpoint: string;
  readonly eventId: string;
  /** `user.created`, ... */
  readonly eventType: string;
  readonly state: DeliveryState;
  readonly createdAt: number;
  /** How many attempts have begun since the delivery was created or resent. */
  readonly attempts: number;
  readonly lastAttemptAt?: number | undefined;
  /** When the next attempt is due; undefined unless `pending`. */
  readonly nextAttemptAt?: number | undefined;
  /** HTTP status of the last response. */
  readonly status?: number | undefined;
  /** Why the last attempt failed. It contains no secret and no personal data. */
  readonly error?: string | undefined;
}

/** What `EventDelivery.deliveries` returns. */
export interface DeliveryQuery {
  /** Only deliveries to this endpoint. Default: all. */
  readonly endpoint?: string | undefined;
  /** Only deliveries in this state. Default: all. */
  readonly state?: DeliveryState | undefined;
  /** Only deliveries that are listed after the one with this ID. */
  readonly before?: string | undefined;
  /** Maximum number of deliveries, 1 to 200. Default 50. */
  readonly limit?: number | undefined;
}

/** An endpoint and how it does. Times are milliseconds since 1970. */
export interface EndpointStatus {
  readonly id: string;
  /** Scheme, host and port of the URL. The rest may contain a secret. Undefined if the endpoint is `invalid`. */
  readonly origin?: string | undefined;
  /** Undefined if the endpoint is `invalid`. */
  readonly format?: 'webhook' | 'security-event' | undefined;
  /**
   * `failing`: the last attempt failed. `disabled`: nothing is sent until an administrator enables it. `invalid`: its configuration
   * cannot be used, and `onError` gets the reason; deliveries wait.
   */
  readonly state: 'healthy' | 'failing' | 'disabled' | 'invalid';
  /** When the first of the failed attempts ended; undefined unless they fail. */
  readonly failingSince?: number | undefined;
  /** No attempt is made before this time; undefined unless attempts fail. */
  readonly pausedUntil?: number | undefined;
  readonly disabledAt?: number | undefined;
  /** How many deliveries are pending, counted up to 1,000. */
  readonly pending: number;
  /** How many deliveries are dead, counted up to 1,000. */
  readonly dead: number;
}

/** The result of one attempt. */
export interface AttemptResult {
  readonly delivered: boolean;
  /** HTTP status of the response; undefined without one. */
  readonly status?: number | undefined;
  /** Why it failed. It contains no secret and no personal data. */
  readonly error?: string | undefined;
  readonly milliseconds: number;
}

/** What administrators may see and do: the panel calls it, or pages of your own. */
export interface DeliveryAdministration {
  /** The configured endpoints of a tenant. */
  endpoints(tenant: string): Promise<readonly EndpointStatus[]>;
  /** Deliveries of a tenant, newest first. */
  deliveries(tenant: string, query?: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Sends a test event immediately, without a record and without a retry. @returns undefined if there is no such endpoint */
  sendTest(tenant: string, endpoint: string): Promise<AttemptResult | undefined>;
  /** Sends a dead delivery again. @returns false if there is no such dead delivery */
  resend(tenant: string, id: string): Promise<boolean>;
  /** Sends all dead deliveries of an endpoint again. @returns how many there are */
  resendAll(tenant: string, endpoint: string): Promise<number>;
  /** Ends the pause of an endpoint, and enables a disabled one. @returns false if nothing was ever sent to it */
  enable(tenant: string, endpoint: string): Promise<boolean>;
}
