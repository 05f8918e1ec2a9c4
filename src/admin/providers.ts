import { quirks } from '../quirks/quirks.js';

/** What the panel knows of an identity provider. */
export interface Provider {
  readonly name: string;
  /** What its form calls the base URL and the key. */
  readonly urlField: string;
  readonly keyField: string;
  /** What an administrator does there, one step each. */
  readonly steps: readonly string[];
  /** Which request its own connection test begins with. */
  readonly probe: 'filter-unknown' | 'first-page' | 'provider-config';
  /** How the ledger calls it. */
  readonly client?: string;
  /** What it says when its connection test has passed. */
  readonly passed?: string;
}

/** The identity providers that the panel has a guide for. */
export const providers = {
  entra: {
    name: 'Microsoft Entra ID',
    client: 'Microsoft Entra ID',
    urlField: 'Tenant URL',
    keyField: 'Secret Token',
    probe: 'filter-unknown',
    passed: 'The supplied credentials are authorized to enable provisioning',
    steps: [
      'In the Entra admin center, open Enterprise applications, choose the application (or create one of your own), then Provisioning.',
      'Choose Automatic, and enter the base URL as Tenant URL and a connector key as Secret Token.',
      'Press Test Connection, then Save.',
      'Assign the users and groups that are to be provisioned, and start provisioning. A cycle runs about every 40 minutes.',
    ],
  },
  okta: {
    name: 'Okta',
    client: 'Okta',
    urlField: 'SCIM connector base URL',
    keyField: 'API token',
    probe: 'first-page',
    passed: 'Connector configured successfully',
    steps: [
      'In the Okta admin console, open the application, General, and switch on SCIM provisioning.',
      'Under Provisioning, Integration, enter the base URL, userName as the unique identifier, and HTTP Header as authentication.',
      'Enter a connector key as the bearer token, and press Test Connector Configuration.',
      'Under To App, switch on Create Users, Update User Attributes and Deactivate Users, then assign users and push groups.',
    ],
  },
  onelogin: {
    name: 'OneLogin',
    client: 'OneLogin',
    urlField: 'SCIM Base URL',
    keyField: 'SCIM Bearer Token',
    probe: 'first-page',
    steps: [
      'Add the application “SCIM Provisioner with SAML (SCIM v2 Enterprise)”.',
      'Under Configuration, enter the base URL and a connector key, and enable the API connection.',
      'Under Provisioning, enable provisioning and choose what happens when a user is deleted: suspend.',
    ],
  },
  google: {
    name: 'Google Workspace',
    client: 'Google Workspace',
    urlField: 'Endpoint URL',
    keyField: 'Access token',
    probe: 'first-page',
    steps: [
      'In the Google admin console, open Apps, Web and mobile apps, the application, and Autoprovisioning.',
      'Enter a connector key as the access token and the base URL as the endpoint URL.',
      'Map the attributes, choose the groups in scope, and switch autoprovisioning on.',
    ],
  },
  jumpcloud: {
    name: 'JumpCloud',
    client: 'JumpCloud',
    urlField: 'Base URL',
    keyField: 'Token Key',
    probe: 'first-page',
    steps: [
      'Open the application under SSO Applications, Identity Management, and choose SCIM 2.0.',
      'Enter the base URL, a connector key, and a test e-mail address that nobody uses: activation creates and removes a test user.',
      'Press Activate, and assign user groups.',
    ],
  },
  ping: {
    name: 'Ping Identity',
    client: 'Ping',
    urlField: 'SCIM Base URL',
    keyField: 'OAuth access token',
    probe: 'provider-config',
    steps: [
      'In PingOne, open Integrations, Provisioning, and add a connection of kind SCIM Outbound.',
      'Enter the base URL, the users and groups endpoints /Users and /Groups, and a connector key as bearer token.',
      'Press Test Connection, then add a rule that says who is provisioned.',
    ],
  },
  keycloak: {
    name: 'Keycloak',
    client: 'Keycloak',
    urlField: 'SCIM 2.0 endpoint',
    keyField: 'Bearer token',
    probe: 'first-page',
    steps: [
      'Under User federation, add the SCIM provider of your plug-in.',
      'Enter the base URL, Bearer as authentication mode, and a connector key.',
      'Switch on the propagation of users and groups.',
    ],
  },
  authentik: {
    name: 'authentik',
    client: 'authentik',
    urlField: 'URL',
    keyField: 'Token',
    probe: 'provider-config',
    steps: [
      'Under Applications, Providers, create a SCIM provider with the base URL and a connector key.',
      'Add it to the application as backchannel provider.',
      'Choose the group that filters who is provisioned, and run a sync.',
    ],
  },
  rippling: {
    name: 'Rippling',
    client: 'Rippling',
    urlField: 'SCIM Base URL',
    keyField: 'SCIM API Token',
    probe: 'provider-config',
    steps: [
      'Create a custom application with user management by SCIM.',
      'Enter the base URL and a connector key, and choose groups and paging.',
      'Verify the connection, and choose who gets access.',
    ],
  },
  sailpoint: {
    name: 'SailPoint',
    client: 'SailPoint',
    urlField: 'Base URL',
    keyField: 'API Token',
    probe: 'provider-config',
    steps: [
      'Add a source of type SCIM 2.0 with the base URL.',
      'Choose API Token as authentication, and enter a connector key.',
      'Test the connection, discover the schema, and run an account aggregation.',
    ],
  },
  other: {
    name: 'Another provider',
    urlField: 'SCIM base URL',
    keyField: 'Bearer token',
    probe: 'provider-config',
    steps: [
      'Find the provisioning settings of the application in your identity provider, and choose SCIM 2.0.',
      'Enter the base URL, and a connector key as bearer token.',
      'Test the connection there, then choose who is provisioned.',
    ],
  },
} as const satisfies Readonly<Record<string, Provider>>;

/** Names a provider that the panel has a guide for. */
export type ProviderId = keyof typeof providers;

/** Whether a text names a provider. */
export function isProviderId(text: string | undefined): text is ProviderId {
  return text !== undefined && Object.hasOwn(providers, text);
}

/** What is known of a provider, in the general type. */
export function providerOf(id: ProviderId): Provider {
  return providers[id];
}

/** Ids of the ledger entries that a provider is known for. */
export function expectedQuirks(id: ProviderId): ReadonlySet<string> {
  const { client } = providerOf(id);
  const entries: readonly { readonly id: string; readonly clients: readonly string[] }[] = quirks;
  return new Set(entries.filter(({ clients }) => client !== undefined && clients.includes(client)).map((e) => e.id));
}
