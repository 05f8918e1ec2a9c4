import { remedyFor, usageError } from '../../../contract/option-mistakes.js';
import { toolsPage } from '../../wire/check-target.js';
import type { Client } from '../client.js';
import { authentik } from './authentik.js';
import { databricks } from './databricks.js';
import { entra, entraFlag } from './entra.js';
import { google } from './google.js';
import { jumpcloud } from './jumpcloud.js';
import { keycloak } from './keycloak.js';
import { okta } from './okta.js';
import { onelogin } from './onelogin.js';
import { ping } from './ping.js';
import { rippling } from './rippling.js';
import { sailpoint } from './sailpoint.js';
import { salesforce } from './salesforce.js';
import { scimSdk } from './scim-sdk.js';
import { ssosync } from './ssosync.js';
import { syncope } from './syncope.js';

/** The clients that can be simulated, in the order of `simulate all`. Each run creates its own: a client has state. */
export const clients = {
  entra,
  'entra-flag': entraFlag,
  okta,
  authentik,
  onelogin,
  jumpcloud,
  keycloak,
  ping,
  sailpoint,
  google,
  rippling,
  syncope,
  'scim-sdk': scimSdk,
  ssosync,
  databricks,
  salesforce,
} as const satisfies Readonly<Record<string, () => Client>>;

/** ID of a simulated client, as on the command line: `entra`, `okta` and so on. */
export type ClientId = keyof typeof clients;

/** The IDs of all simulated clients. */
export const clientIds = Object.keys(clients) as readonly ClientId[];

/**
 * Describes a simulated client without running it: its name, how its behavior is known, and the public sources.
 *
 * @throws TypeError for an ID that is not in `clientIds`
 * @example
 * import { clientFacts, clientIds } from 'express-scim/conformance';
 *
 * for (const id of clientIds) console.log(id, clientFacts(id).name, clientFacts(id).confidence);
 */
export function clientFacts(id: ClientId): Pick<Client, 'id' | 'name' | 'confidence' | 'reconstructed' | 'sources'> {
  if (!isClientId(id)) {
    const mistake = `there is no client ${JSON.stringify(id)}: ${remedyFor(String(id), clientIds)}`;
    throw usageError('clientFacts', mistake, toolsPage);
  }
  const { name, confidence, reconstructed, sources } = clients[id]();
  return { id, name, confidence, reconstructed, sources };
}

export function isClientId(text: unknown): text is ClientId {
  if (typeof text !== 'string') return false;
  return Object.hasOwn(clients, text);
}
