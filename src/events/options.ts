import type { Awaitable } from '../contract/awaitable.js';
import type { Delivery } from '../contract/deliveries.js';
import { type AddressCheck, addressCheck } from './addresses.js';
import type { DeliveryStore } from './delivery-store.js';
import { type EndpointRules, type EventEndpoint, parseEndpoints } from './endpoint.js';
import { type SecurityEventOptions, type SecurityEventSigner, securityEventSigner } from './security-event-token.js';
import { checkOptions, type OptionRules } from '../contract/option-mistakes.js';

/**
 * Options of `eventDelivery`.
 *
 * @example
 * import { type EventDeliveryOptions, memoryDeliveryStore } from 'express-scim/events';
 *
 * export const options: EventDeliveryOptions = { store: memoryDeliveryStore(), endpoints: [] };
 */
export interface EventDeliveryOptions {
  /** `sqlDeliveryStore(db)` of express-scim/sql, or `memoryDeliveryStore()`. */
  readonly store: DeliveryStore;
  /**
   * The endpoints: a list for all tenants, or a function that returns those of one tenant. It is called for each event
   * and each attempt, so a changed URL or secret takes effect immediately; cache what is slow to read.
   */
  readonly endpoints: readonly EventEndpoint[] | ((tenant: string) => Awaitable<readonly EventEndpoint[]>);
  /** How security event tokens are signed. Required for endpoints of that format. */
  readonly securityEvents?: SecurityEventOptions | undefined;
  /**
   * Networks that are not public and may be called nevertheless, such as `10.20.0.0/16`. Default: none. Private, loopback,
   * link-local and other special addresses are refused, whatever the name in the URL is.
   */
  readonly allowedNetworks?: readonly string[] | undefined;
  /** True: URLs may be http, for tests and inside of a network that you trust. Default false. */
  readonly allowHttp?: boolean | undefined;
  /** How many requests this process sends at the same time. Default 16. */
  readonly concurrency?: number | undefined;
  /** How many of them to one endpoint; one while it is failing. Default 4. */
  readonly endpointConcurrency?: number | undefined;
  /** For the connection, the response and its body together. Default 15,000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Time until the second attempt. Each further one waits twice as long, with jitter. Default 5,000. */
  readonly firstRetryMilliseconds?: number | undefined;
  /** Longest time between two attempts. Default 3,600,000: one hour. */
  readonly maxRetryMilliseconds?: number | undefined;
  /** Attempts after which a delivery is dead. Default 100. */
  readonly maxAttempts?: number | undefined;
  /** Age at which a delivery is dead. Default 259,200,000: three days. */
  readonly maxAgeMilliseconds?: number | undefined;
  /** Time without any success after which a failing endpoint is disabled. Default 432,000,000: five days. */
  readonly disableAfterMilliseconds?: number | undefined;
  /** How long the record of a delivery is kept after it was delivered. Default 604,800,000: seven days. */
  readonly keepDeliveredMilliseconds?: number | undefined;
  /** How long a dead delivery is kept, with its event. Default 2,592,000,000: thirty days. */
  readonly keepDeadMilliseconds?: number | undefined;
  /** How often the started worker looks for due deliveries. Default 1,000. */
  readonly intervalMilliseconds?: number | undefined;
  /** Milliseconds since 1970. Default: the clock of the system. */
  readonly clock?: (() => number) | undefined;
  /**
   * Called when an endpoint cannot be used, when the store fails, and with the cause of each failed attempt. It gets no
   * secret and no event. `hook` names the function of your app that failed, such as `eventDelivery.endpoints`. Default: the
   * error is ignored.
   */
  readonly onError?:
    ((error: unknown, delivery?: Pick<Delivery, 'tenant' | 'id' | 'endpoint'>, hook?: string) => void) | undefined;
  /** Called when an endpoint was disabled because it failed for too long, or returned 410 Gone. Default: nothing. */
  readonly onDisabled?: ((endpoint: { readonly tenant: string; readonly endpoint: string }) => void) | undefined;
}

type NumberOption =
  | 'concurrency'
  | 'endpointConcurrency'
  | 'timeoutMilliseconds'
  | 'firstRetryMilliseconds'
  | 'maxRetryMilliseconds'
  | 'maxAttempts'
  | 'maxAgeMilliseconds'
  | 'disableAfterMilliseconds'
  | 'keepDeliveredMilliseconds'
  | 'keepDeadMilliseconds'
  | 'intervalMilliseconds';

const defaults: Readonly<Record<NumberOption, number>> = {
  concurrency: 16,
  endpointConcurrency: 4,
  timeoutMilliseconds: 15_000,
  firstRetryMilliseconds: 5_000,
  maxRetryMilliseconds: 3_600_000,
  maxAttempts: 100,
  maxAgeMilliseconds: 259_200_000,
  disableAfterMilliseconds: 432_000_000,
  keepDeliveredMilliseconds: 604_800_000,
  keepDeadMilliseconds: 2_592_000_000,
  intervalMilliseconds: 1_000,
};

/** The options with every default filled in. */
export interface ParsedDeliveryOptions extends Readonly<Record<NumberOption, number>> {
  readonly store: DeliveryStore;
  readonly endpoints: (tenant: string) => Awaitable<unknown>;
  readonly signer: SecurityEventSigner | undefined;
  readonly isAllowed: AddressCheck;
  readonly allowHttp: boolean;
  readonly clock: () => number;
  readonly onError: NonNullable<EventDeliveryOptions['onError']>;
  readonly onDisabled: NonNullable<EventDeliveryOptions['onDisabled']>;
}

const kinds: OptionRules<keyof EventDeliveryOptions>['kinds'] = {
  store: 'object',
  endpoints: ['list', 'function'],
  securityEvents: 'object',
  allowedNetworks: 'list of strings',
  allowHttp: 'boolean',
  concurrency: 'positive number',
  endpointConcurrency: 'positive number',
  timeoutMilliseconds: 'positive number',
  firstRetryMilliseconds: 'positive number',
  maxRetryMilliseconds: 'positive number',
  maxAttempts: 'positive number',
  maxAgeMilliseconds: 'positive number',
  disableAfterMilliseconds: 'positive number',
  keepDeliveredMilliseconds: 'positive number',
  keepDeadMilliseconds: 'positive number',
  intervalMilliseconds: 'positive number',
  clock: 'function',
  onError: 'function',
  onDisabled: 'function',
};

/** @throws TypeError that lists every mistake and what to write instead */
export function parseDeliveryOptions(options: EventDeliveryOptions): ParsedDeliveryOptions {
  checkOptions(options, { of: 'eventDelivery', page: 'webhooks.md', required: ['store', 'endpoints'], kinds });
  const { endpoints, securityEvents } = options;
  const allowHttp = options.allowHttp ?? false;
  if (typeof endpoints !== 'function') {
    checkEndpoints(endpoints, { allowHttp, signsSecurityEvents: securityEvents !== undefined });
  }
  return {
    ...defaults,
    ...numbersIn(options),
    store: options.store,
    endpoints: typeof endpoints === 'function' ? endpoints : () => endpoints,
    signer: securityEvents === undefined ? undefined : securityEventSigner(securityEvents),
    isAllowed: addressCheck(options.allowedNetworks),
    allowHttp,
    clock: options.clock ?? Date.now,
    onError: options.onError ?? (() => undefined),
    onDisabled: options.onDisabled ?? (() => undefined),
  };
}

/** A list that is known at the start has its mistakes reported there, and not with the first event. */
function checkEndpoints(endpoints: readonly EventEndpoint[], rules: EndpointRules): void {
  const mistakes: TypeError[] = [];
  for (const { mistake } of parseEndpoints(endpoints, rules, (each) => mistakes.push(each))) {
    if (mistake !== undefined) mistakes.push(mistake);
  }
  if (mistakes.length > 0) throw new TypeError(mistakes.map(({ message }) => message).join('\n'));
}

function numbersIn(options: EventDeliveryOptions): Partial<Record<NumberOption, number>> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => Object.hasOwn(defaults, name) && value !== undefined),
  );
}
