import { quirks } from '../quirks/quirks.js';

/** What the panel knows about an identity provider. */
export interface IdentityProvider {
  readonly name: string;
  /** Label of the field for the base URL in its settings. */
  readonly urlField: string;
  /** Label of the field for the key. */
  readonly keyField: string;
  /** Setup steps for an administrator. */
  readonly steps: readonly string[];
  /** The first request of its own connection test. */
  readonly probe: 'filter-unknown' | 'first-page' | 'provider-config';
  /** Its names among the clients of the quirks registry. */
  readonly clients?: readonly string[];
  /** The message it shows when its connection test succeeds. */
  readonly passed?: string;
}

/** The identity providers that the panel has a setup guide for. */
export const providers = {
  entra: {
    name: 'Microsoft Entra ID',
    clients: ['Microsoft Entra ID'],
    urlField: 'Tenant URL',
    keyField: 'Secret Token',
    probe: 'filter-unknown',
    passed: 'The supplied credentials are authorized to enable provisioning',
    steps: [
      'In the Entra admin center, go to Enterprise applications, choose New application, then Create your own application. Enter a name, and select the option for an application that is not in the gallery.',
      'Open the new application, then Provisioning and Get started, and select the provisioning mode Automatic.',
      'Enter the base URL as Tenant URL and a connector key as Secret Token. Do not leave the token empty.',
      'Press Test Connection, then Save.',
      'Under Settings, enter a notification e-mail, and set Scope to “Sync only assigned users and groups”.',
      'Under Mappings, map externalId to objectId, and keep the mappings of userName and active.',
      'Under Users and groups, assign the users and groups to provision. Groups inside groups are not resolved.',
      'Under Provision on demand, select one user, and check the result.',
      'Set Provisioning Status to On. The first cycle starts within minutes, and later ones about every 40 minutes.',
    ],
  },
  okta: {
    name: 'Okta',
    clients: ['Okta'],
    urlField: 'SCIM connector base URL',
    keyField: 'API token',
    probe: 'first-page',
    passed: 'Connector configured successfully',
    steps: [
      'In the Okta admin console, open the application, then General, and enable SCIM provisioning.',
      'Under Provisioning, Integration, enter the base URL, userName as the unique identifier field, and HTTP Header as the authentication mode.',
      'Enter a connector key as the bearer token, and choose Test Connector Configuration.',
      'Under To App, enable Create Users, Update User Attributes and Deactivate Users, then assign users and push groups.',
    ],
  },
  onelogin: {
    name: 'OneLogin',
    clients: ['OneLogin'],
    urlField: 'SCIM Base URL',
    keyField: 'SCIM Bearer Token',
    probe: 'first-page',
    steps: [
      'Add the application “SCIM Provisioner with SAML (SCIM v2 Enterprise)”.',
      'Under Configuration, enter the base URL and a connector key, and enable the API connection.',
      'Under Provisioning, enable provisioning, and choose Suspend for deleted users.',
    ],
  },
  google: {
    name: 'Google Workspace',
    clients: ['Google Workspace'],
    urlField: 'Endpoint URL',
    keyField: 'Access token',
    probe: 'first-page',
    steps: [
      'In the Google admin console, open Apps, Web and mobile apps, the application, and Autoprovisioning.',
      'Enter a connector key as the access token and the base URL as the endpoint URL.',
      'Map the attributes, choose the groups in scope, and turn on autoprovisioning.',
    ],
  },
  jumpcloud: {
    name: 'JumpCloud',
    clients: ['JumpCloud'],
    urlField: 'Base URL',
    keyField: 'Token Key',
    probe: 'first-page',
    steps: [
      'Open the application under SSO Applications, Identity Management, and choose SCIM 2.0.',
      'Enter the base URL, a connector key, and a test email address that no user has: activation creates and deletes a test user.',
      'Choose Activate, and assign user groups.',
    ],
  },
  ping: {
    name: 'Ping Identity',
    clients: ['Ping'],
    urlField: 'SCIM Base URL',
    keyField: 'OAuth access token',
    probe: 'provider-config',
    steps: [
      'In PingOne, open Integrations, Provisioning, and add a SCIM Outbound connection.',
      'Enter the base URL, /Users and /Groups as the users and groups resources, and a connector key as the bearer token.',
      'Choose Test Connection, then add a rule that selects the users to provision.',
    ],
  },
  keycloak: {
    name: 'Keycloak',
    clients: ['Keycloak'],
    urlField: 'SCIM 2.0 endpoint',
    keyField: 'Bearer token',
    probe: 'first-page',
    steps: [
      'Under User federation, add the SCIM provider of your plugin.',
      'Enter the base URL, Bearer as the authentication mode, and a connector key.',
      'Enable the propagation of users and groups.',
    ],
  },
  authentik: {
    name: 'authentik',
    clients: ['authentik'],
    urlField: 'URL',
    keyField: 'Token',
    probe: 'provider-config',
    steps: [
      'Under Applications, Providers, create a SCIM provider with the base URL and a connector key.',
      'Add it to the application as a backchannel provider.',
      'Choose the group whose users are provisioned, and run a sync.',
    ],
  },
  rippling: {
    name: 'Rippling',
    clients: ['Rippling'],
    urlField: 'SCIM Base URL',
    keyField: 'SCIM API Token',
    probe: 'provider-config',
    steps: [
      'Create a custom application with SCIM user management.',
      'Enter the base URL and a connector key, and choose groups and pagination.',
      'Verify the connection, and choose the users who get access.',
    ],
  },
  sailpoint: {
    name: 'SailPoint',
    clients: ['SailPoint'],
    urlField: 'Base URL',
    keyField: 'API Token',
    probe: 'provider-config',
    steps: [
      'Add a source of type SCIM 2.0 with the base URL.',
      'Choose API Token as the authentication type, and enter a connector key.',
      'Test the connection, discover the schema, and run an account aggregation.',
    ],
  },
  syncope: {
    name: 'Apache Syncope',
    clients: ['Apache Syncope', 'ConnId'],
    urlField: 'Base address',
    keyField: 'Token',
    probe: 'first-page',
    steps: [
      'Install the SCIM 2.0 connector bundle of ConnId, and create a connector with it.',
      'Enter the base URL with a slash at its end as the base address, and a connector key as the bearer token.',
      'Choose PATCH as the update method of users and of groups.',
      'Create a resource with userName as the remote key, map the account status to active, and run a propagation task.',
    ],
  },
  'scim-sdk': {
    name: 'SCIM for Keycloak',
    clients: ['SCIM for Keycloak', 'SCIM-SDK', 'Keycloak'],
    urlField: 'Base URL',
    keyField: 'Bearer token',
    probe: 'provider-config',
    steps: [
      'Install the extension SCIM for Keycloak, and open SCIM Client in its administration.',
      'Add a remote SCIM provider with the base URL, and a connector key as the bearer token.',
      'Assign the realm, and synchronize the users before the groups.',
    ],
  },
  ssosync: {
    name: 'ssosync (AWS IAM Identity Center)',
    clients: ['ssosync'],
    urlField: 'SCIM endpoint',
    keyField: 'SCIM access token',
    probe: 'filter-unknown',
    steps: [
      'Give the program the base URL as the SCIM endpoint; it accepts https only.',
      'Enter a connector key as the access token.',
      'Choose users and groups with its filters, and run it once before you schedule it: an error ends the whole run.',
    ],
  },
  databricks: {
    name: 'Databricks SDKs and Terraform',
    clients: ['Databricks SDK'],
    urlField: 'Host of the SCIM API',
    keyField: 'Token',
    probe: 'first-page',
    steps: [
      'Give the script the base URL in place of the SCIM address of Databricks.',
      'Enter a connector key as the token.',
      'Name groups by ID: the Terraform data source writes its filter in single quotes, which SCIM does not have.',
    ],
  },
  salesforce: {
    name: 'Scripts for Salesforce',
    clients: ['Salesforce'],
    urlField: 'SCIM address',
    keyField: 'Access token',
    probe: 'first-page',
    steps: [
      'Give the script the base URL in place of the SCIM address of Salesforce.',
      'Enter a connector key as the bearer token.',
      'Create users before the groups that contain them.',
    ],
  },
  other: {
    name: 'Other identity provider',
    urlField: 'SCIM base URL',
    keyField: 'Bearer token',
    probe: 'provider-config',
    steps: [
      'Open the provisioning settings of the application in your identity provider, and choose SCIM 2.0.',
      'Enter the base URL, and a connector key as the bearer token.',
      'Test the connection there, then choose the users to provision.',
    ],
  },
} as const satisfies Readonly<Record<string, IdentityProvider>>;

/** ID of an identity provider that the panel has a setup guide for; `other` for any other. */
export type ProviderId = keyof typeof providers;

/** Whether a text is a ProviderId. */
export function isProviderId(text: string | undefined): text is ProviderId {
  return text !== undefined && Object.hasOwn(providers, text);
}

/** The identity provider with this ID. */
export function providerOf(id: ProviderId): IdentityProvider {
  return providers[id];
}

/** IDs of the quirks that an identity provider is known for. */
export function expectedQuirks(id: ProviderId): ReadonlySet<string> {
  const { clients = [] } = providerOf(id);
  const all: readonly { readonly id: string; readonly clients: readonly string[] }[] = quirks;
  const expected = all.filter((quirk) => quirk.clients.some((client) => clients.includes(client)));
  return new Set(expected.map(({ id: quirkId }) => quirkId));
}

/** The name of an identity provider at the start of a sentence. */
export function identityProviderName(provider: ProviderId): string {
  return provider === 'other' ? 'The identity provider' : providerOf(provider).name;
}
