/** A deviation of real clients from the standard, and what the library does with it. */
export interface Quirk {
  readonly id: string;
  /** The clients that send it. */
  readonly clients: readonly string[];
  /** The section that it deviates from. */
  readonly section: string;
  /** What the client sends, as Markdown. */
  readonly received: string;
  /** What the library does with it, as Markdown. */
  readonly handling: string;
  /** Whether it is on unless `options.quirks` or `options.strict` says otherwise. */
  readonly byDefault: boolean;
  /** The ID of recorded traffic that contains it. */
  readonly fixture?: string;
}

/**
 * The quirks that `options.quirks` can switch on and off.
 *
 * @example
 * import { quirks } from 'express-scim';
 *
 * for (const { id, received, handling } of quirks) console.log(`${id}: ${received}: ${handling}`);
 */
export const quirks = [
  {
    id: 'op-case',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2',
    received: '`op` as `Add`, `Replace` or `Remove`',
    handling: 'read in any letter case',
    byDefault: true,
    fixture: 'entra-update-default',
  },
  {
    id: 'boolean-as-string',
    clients: ['Microsoft Entra ID', 'Keycloak', 'Databricks SDK'],
    section: 'RFC 7643 2.3.2',
    received: '`"True"` or `"False"` for a boolean attribute',
    handling: 'read as the boolean; any other string gets 400 invalidValue',
    byDefault: true,
    fixture: 'entra-disable-string-boolean',
  },
  {
    id: 'boolean-as-string-in-filter',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.4.2.2',
    received: '`primary eq "True"` in a filter or value path',
    handling: 'compared as the boolean',
    byDefault: true,
    fixture: 'entra-roles-single',
  },
  {
    id: 'value-path-creates',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2.3',
    received: '`add` or `replace` of `emails[type eq "work"].value` when no such value exists',
    handling: 'the value is created, with the sub-attributes that the filter compares with `eq`',
    byDefault: true,
    fixture: 'entra-add-to-missing-array-element',
  },
  {
    id: 'path-as-key',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2.1',
    received: 'keys such as `name.givenName` or `urn:...:User:department` in the value of an operation without a path',
    handling: 'keys are read as attribute paths',
    byDefault: true,
    fixture: 'entra-flag-update',
  },
  {
    id: 'remove-listed-values',
    clients: ['Microsoft Entra ID', 'JumpCloud', 'authentik', 'ssosync', 'Salesforce'],
    section: 'RFC 7644 3.5.2.2',
    received: '`remove` of a multi-valued attribute, with a `value` that lists some of its values',
    handling: 'only the listed values are removed',
    byDefault: true,
    fixture: 'entra-group-members-default',
  },
  {
    id: 'value-path-sub-attribute',
    clients: ['Microsoft Entra ID', 'Rippling'],
    section: 'RFC 7644 3.4.2.2',
    received: '`emails[type eq "work"].value eq "x"` in a filter',
    handling: 'read as `emails[type eq "work" and value eq "x"]`',
    byDefault: true,
    fixture: 'entra-match-queries',
  },
  {
    id: 'unquoted-value',
    clients: ['authentik'],
    section: 'RFC 7644 3.4.2.2',
    received: '`userName eq tove`: a string without quotes',
    handling:
      'accepted after `eq` for a string attribute: letters, digits, `._@+-`, and apostrophes after the first character; a double quote only in a value that ends the filter',
    byDefault: true,
    fixture: 'authentik-unquoted-names',
  },
  {
    id: 'string-for-complex',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7643 2.3.8',
    received: 'a string for a complex attribute that has a `value` (`manager: "id"`, `members: "id"`)',
    handling: 'read as `{ "value": ... }`',
    byDefault: true,
    fixture: 'entra-manager-string',
  },
  {
    id: 'array-for-single',
    clients: ['Microsoft Entra ID', 'SCIM-SDK'],
    section: 'RFC 7643 2.4',
    received: 'an array of one value for a single-valued attribute (`manager: [{ "value": "id" }]`, `title: ["x"]`)',
    handling: 'read as that value',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'single-for-array',
    clients: ['OneLogin'],
    section: 'RFC 7643 2.4',
    received: 'one object for a multi-valued attribute in a resource (`emails: { "value": "x" }`)',
    handling: 'read as an array of one value',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'empty-string',
    clients: ['OneLogin', 'Microsoft Entra ID'],
    section: 'RFC 7643 2.5',
    received: '`""` for an attribute without a value',
    handling: 'read as unassigned',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'unknown-schema',
    clients: ['Microsoft Entra ID', 'OneLogin', 'Google Workspace'],
    section: 'RFC 7643 3',
    received: 'a URI in `schemas` that the server does not know',
    handling: 'ignored; a list of only unknown URIs is read as the core schema',
    byDefault: true,
    fixture: 'entra-group-create',
  },
  {
    id: 'schemas-missing',
    clients: ['authentik', 'Databricks SDK', 'Postman collections'],
    section: 'RFC 7643 3',
    received: 'a body without `schemas`: a resource, a PATCH, a bulk request or a search',
    handling: 'the endpoint determines what is meant; a `schemas` that names something else gets 400 invalidSyntax',
    byDefault: true,
    fixture: 'authentik-group-rename',
  },
  {
    id: 'core-schema-missing',
    clients: ['OneLogin'],
    section: 'RFC 7643 3.3',
    received: '`schemas` with extensions but without the core schema',
    handling: 'the core schema is assumed',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'unknown-attribute',
    clients: ['Microsoft Entra ID', 'Okta', 'OneLogin'],
    section: 'RFC 7644 3.1',
    received: 'an attribute that no schema has, in a body or a PATCH value',
    handling: 'ignored',
    byDefault: true,
    fixture: 'entra-create-null-attributes',
  },
  {
    id: 'unsupported-attribute',
    clients: ['Microsoft Entra ID', 'Okta'],
    section: 'RFC 7644 3.5.2',
    received:
      "an attribute of the RFC's schemas that the store does not keep, in a body or a PATCH path; a PATCH path into an extension that the service does not have",
    handling: 'ignored, so that the rest of the request is still applied',
    byDefault: true,
    fixture: 'entra-unknown-extension',
  },
  {
    id: 'read-only-in-value',
    clients: ['Okta', 'authentik', 'Keycloak', 'SCIM-SDK'],
    section: 'RFC 7644 3.5.2',
    received: '`id`, `schemas`, `meta` or `groups` in the value of a PATCH operation without a path',
    handling: 'ignored; in the path of an operation they get 400 mutability',
    byDefault: true,
    fixture: 'okta-group-push',
  },
  {
    id: 'unprefixed-extension',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.10',
    received: 'an attribute of an extension without its URN in a path, a filter or `sortBy` (`manager`)',
    handling: 'resolved when the core schema has no such attribute and exactly one extension has it',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'pathless-operation',
    clients: [
      'Okta',
      'OneLogin',
      'Microsoft Entra ID',
      'authentik',
      'Ping',
      'Rippling',
      'SCIM-SDK',
      'Databricks SDK',
      'Salesforce',
    ],
    section: 'Interoperability profile 6.5',
    received: '`add` or `replace` without a path, with the attributes in the value',
    handling: 'each attribute is applied as an operation of its own (RFC 7644 3.5.2 allows it, the profile does not)',
    byDefault: true,
    fixture: 'onelogin-groups',
  },
  {
    id: 'empty-operations',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2',
    received: 'a PATCH with an empty `Operations` list',
    handling: 'nothing changes, and the response is that of a successful PATCH',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'operations-missing',
    clients: ['Apache Syncope'],
    section: 'RFC 7644 3.5.2',
    received: 'a PATCH with `schemas` alone, or with `Operations` null',
    handling: 'as an empty list; a body with other members gets 400 invalidSyntax',
    byDefault: true,
    fixture: 'syncope-empty-patch',
  },
  {
    id: 'wrapped-pathless-value',
    clients: ['SCIM for Keycloak', 'SCIM-SDK'],
    section: 'RFC 7644 3.5.2.1',
    received: 'the value of an operation without a path as JSON text of an object, or as a list of one object',
    handling: 'read as that object',
    byDefault: true,
    fixture: 'keycloak-pathless-values',
  },
  {
    id: 'dot-after-urn',
    clients: ['ConnId', 'Microsoft Entra ID', 'Apache Syncope'],
    section: 'RFC 7644 3.10',
    received: '`urn:...:User.manager`: a dot after the URN of a schema, in a PATCH path or `attributes`',
    handling: 'read as a colon, where the URN is one of the resource type; not in filters',
    byDefault: true,
    fixture: 'connid-dot-after-urn',
  },
  {
    id: 'active-unassigned',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7643 2.5',
    received: 'a PATCH that removes `active`, or sets it to `""`, `null` or `[]`',
    handling: '`active` keeps its value, as with a PUT that leaves it out: a suspended user stays suspended',
    byDefault: true,
    fixture: 'entra-clear-active',
  },
  {
    id: 'number-as-string',
    clients: ['Okta'],
    section: 'RFC 7643 2.3.4',
    received: '`"7"` for an integer or decimal attribute',
    handling: 'read as the number; any other string gets 400 invalidValue',
    byDefault: true,
  },
  {
    id: 'replace-keeps-filtered',
    clients: ['hand-written clients'],
    section: 'RFC 7644 3.5.2.3',
    received: '`replace` of `roles[value eq "m"]` with a value that has no `value`',
    handling: 'the value is replaced, and keeps the sub-attributes that the filter compares with `eq`',
    byDefault: true,
    fixture: 'replace-by-filter',
  },
  {
    id: 'remove-without-match',
    clients: ['hand-written clients'],
    section: 'RFC 7644 3.12',
    received: '`remove` with a value path that matches no value (`emails[type eq "other"]`)',
    handling: 'nothing changes',
    byDefault: true,
    fixture: 'replace-by-filter',
  },
  {
    id: 'schemas-in-path',
    clients: ['SCIM-SDK'],
    section: 'RFC 7644 3.5.2',
    received:
      'a PATCH that adds a URN to `schemas`, or removes one, also by a value path (`schemas[value eq "urn:..."]`)',
    handling:
      'ignored: `schemas` follows from the other attributes; a URN of another resource type gets 400 invalidValue',
    byDefault: true,
    fixture: 'patch-read-only-echo',
  },
  {
    id: 'wrapped-members',
    clients: ['Salesforce'],
    section: 'RFC 7644 3.5.2.2',
    received: '`add` or `remove` of `members` with `{ "members": [...] }` as its value',
    handling: 'read as the list inside',
    byDefault: true,
    fixture: 'salesforce-member-removal',
  },
  {
    id: 'reference-without-value',
    clients: ['hand-written clients'],
    section: 'RFC 7643 4.2',
    received: 'a member with its URI in `$ref`, and without its ID in `value`',
    handling: 'the last segment of the URI is read as the ID',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'json-text-value',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7643 2.3.8',
    received: 'a complex value as JSON text in its own `value` (AppRoleAssignmentsComplex)',
    handling: 'parsed when the text is a JSON object that has a `value`; `displayName` becomes `display`',
    byDefault: true,
    fixture: 'entra-role-display-name',
  },
  {
    id: 'comma-list-in-search',
    clients: ['hand-written clients'],
    section: 'RFC 7644 3.4.3',
    received: '`attributes` of a search as one comma-separated string',
    handling: 'read as the list',
    byDefault: true,
    fixture: 'loose-values',
  },
  {
    id: 'unknown-member',
    clients: ['Okta'],
    section: 'RFC 7644 3.5.2.1',
    received: 'a group push that names a member that does not exist',
    handling: "skipped, where `groups.pendingMembers` is `'ignore'`; the members that exist are written",
    byDefault: false,
  },
] as const satisfies readonly Quirk[];

/** The ID of a quirk. */
export type QuirkId = (typeof quirks)[number]['id'];
