import type { Client } from '../client.js';
import { authentik } from './authentik.js';
import { entra, entraFlag } from './entra.js';
import { google } from './google.js';
import { jumpcloud } from './jumpcloud.js';
import { keycloak } from './keycloak.js';
import { okta } from './okta.js';
import { onelogin } from './onelogin.js';
import { ping } from './ping.js';
import { rippling } from './rippling.js';
import { sailpoint } from './sailpoint.js';

/** The clients that can be played, in the order of `simulate all`. A run makes its own, because a client has state. */
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
} as const satisfies Readonly<Record<string, () => Client>>;

/** Name of a client on the command line. */
export type ClientId = keyof typeof clients;

export const clientIds = Object.keys(clients) as readonly ClientId[];

/** What is known of each client, without a run. */
export function clientFacts(id: ClientId): Pick<Client, 'id' | 'name' | 'confidence' | 'reconstructed' | 'sources'> {
  const { name, confidence, reconstructed, sources } = clients[id]();
  return { id, name, confidence, reconstructed, sources };
}

export function isClientId(text: string): text is ClientId {
  return Object.hasOwn(clients, text);
}
