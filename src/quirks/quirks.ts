/** One tolerated deviation of real clients from the standard. */
export interface Quirk {
  readonly id: string;
  /** Which clients send it. */
  readonly clients: readonly string[];
  /** The section that it deviates from. */
  readonly section: string;
  /** What arrives. */
  readonly arrives: string;
  /** What we do. */
  readonly response: string;
  /** Whether it is tolerated unless `options.compat` or `options.strict` says otherwise. */
  readonly byDefault: boolean;
  /** A replayable fixture that holds it, by its id. */
  readonly fixture?: string;
}

/** Every tolerated deviation. The documentation table is made from these rows. */
export const quirks = [
  {
    id: 'op-case',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2',
    arrives: '`op` as `Add`, `Replace` or `Remove`',
    response: 'compared without case',
    byDefault: true,
    fixture: 'entra-update-default',
  },
  {
    id: 'boolean-as-string',
    clients: ['Microsoft Entra ID', 'Keycloak'],
    section: 'RFC 7643 2.3.2',
    arrives: '`"True"` or `"False"` for a boolean attribute',
    response: 'read as the boolean; any other text is 400 invalidValue',
    byDefault: true,
    fixture: 'entra-disable-string-boolean',
  },
  {
    id: 'boolean-as-string-in-filter',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.4.2.2',
    arrives: '`primary eq "True"` in a filter or value path',
    response: 'compared as the boolean',
    byDefault: true,
    fixture: 'entra-roles-single',
  },
  {
    id: 'value-path-creates',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2.3',
    arrives: 'add or replace of `emails[type eq "work"].value` where no such value exists',
    response: 'the value is created, seeded from the equalities of the filter',
    byDefault: true,
    fixture: 'entra-add-to-missing-array-element',
  },
  {
    id: 'path-as-key',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2.1',
    arrives: 'keys such as `name.givenName` or `urn:...:User:department` in a value without path',
    response: 'keys are read as attribute paths',
    byDefault: true,
    fixture: 'entra-flag-update',
  },
  {
    id: 'remove-listed-values',
    clients: ['Microsoft Entra ID', 'JumpCloud', 'authentik'],
    section: 'RFC 7644 3.5.2.2',
    arrives: 'remove of a multi-valued attribute with a `value` that lists some of its values',
    response: 'only the listed values are removed',
    byDefault: true,
    fixture: 'entra-group-members-default',
  },
  {
    id: 'value-path-sub-attribute',
    clients: ['Microsoft Entra ID', 'Rippling'],
    section: 'RFC 7644 3.4.2.2',
    arrives: '`emails[type eq "work"].value eq "x"` in a filter',
    response: 'read as `emails[type eq "work" and value eq "x"]`',
    byDefault: true,
    fixture: 'entra-match-queries',
  },
  {
    id: 'unquoted-value',
    clients: ['authentik'],
    section: 'RFC 7644 3.4.2.2',
    arrives: '`userName eq tove`: a string without quotes',
    response: 'accepted behind `eq` on a string attribute, letters, digits and `._@+-` only',
    byDefault: true,
    fixture: 'authentik-conflict-lookup',
  },
  {
    id: 'string-for-complex',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7643 2.3.8',
    arrives: 'a string for a complex attribute that has a `value` (`manager: "id"`)',
    response: 'read as `{ "value": ... }`',
    byDefault: true,
    fixture: 'entra-manager-string',
  },
  {
    id: 'array-for-single',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7643 2.4',
    arrives: 'an array of one value for a single-valued complex attribute (`manager: [{ "value": "id" }]`)',
    response: 'the one value is taken',
    byDefault: true,
    fixture: 'entra-manager-object',
  },
  {
    id: 'single-for-array',
    clients: ['OneLogin'],
    section: 'RFC 7643 2.4',
    arrives: 'one object for a multi-valued attribute in a resource (`emails: { "value": "x" }`)',
    response: 'read as an array of one value',
    byDefault: true,
    fixture: 'onelogin-enterprise-template',
  },
  {
    id: 'empty-string',
    clients: ['OneLogin', 'Microsoft Entra ID'],
    section: 'RFC 7643 2.5',
    arrives: '`""` for an attribute without a value',
    response: 'read as unassigned',
    byDefault: true,
    fixture: 'onelogin-enterprise-template',
  },
  {
    id: 'unknown-schema',
    clients: ['Microsoft Entra ID', 'OneLogin', 'Google Workspace'],
    section: 'RFC 7643 3',
    arrives: 'a URI in `schemas` that no schema here has',
    response: 'ignored; a list of only unknown ones is read as the core schema',
    byDefault: true,
    fixture: 'entra-group-create',
  },
  {
    id: 'core-schema-missing',
    clients: ['OneLogin'],
    section: 'RFC 7643 3.3',
    arrives: '`schemas` names extensions but not the core schema',
    response: 'the core schema is understood',
    byDefault: true,
  },
  {
    id: 'unknown-attribute',
    clients: ['Microsoft Entra ID', 'Okta', 'OneLogin'],
    section: 'RFC 7644 3.1',
    arrives: 'an attribute that no schema here has, in a body or a PATCH value',
    response: 'ignored',
    byDefault: true,
    fixture: 'entra-create-null-attributes',
  },
  {
    id: 'unsupported-attribute',
    clients: ['Microsoft Entra ID', 'Okta'],
    section: 'RFC 7644 3.5.2',
    arrives: "an attribute of the RFC's schemas that this host does not keep, in a body or a PATCH path",
    response: 'ignored, so that what travels beside it is not lost',
    byDefault: true,
  },
  {
    id: 'read-only-in-value',
    clients: ['Okta', 'authentik', 'Keycloak'],
    section: 'RFC 7644 3.5.2',
    arrives: '`id`, `schemas`, `meta` or `groups` in a PATCH value without path',
    response: 'ignored; named by a path they are 400 mutability',
    byDefault: true,
    fixture: 'okta-group-push',
  },
  {
    id: 'unprefixed-extension',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.10',
    arrives: 'an attribute of an extension without its URN in a path, a filter or `sortBy` (`manager`)',
    response: 'resolved where the core schema lacks the name and exactly one extension has it',
    byDefault: true,
    fixture: 'entra-manager-string',
  },
  {
    id: 'pathless-operation',
    clients: ['Okta', 'OneLogin', 'Microsoft Entra ID', 'authentik'],
    section: 'Interoperability profile 6.5',
    arrives: 'add or replace without a path, its attributes as members of the value',
    response: 'each member is applied as an operation of its own (RFC 7644 3.5.2 allows it, the profile does not)',
    byDefault: true,
    fixture: 'onelogin-groups',
  },
  {
    id: 'empty-operations',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7644 3.5.2',
    arrives: 'a PATCH with an empty `Operations`',
    response: 'nothing changes, and the answer is that of a PATCH',
    byDefault: true,
  },
  {
    id: 'json-text-value',
    clients: ['Microsoft Entra ID'],
    section: 'RFC 7643 2.3.8',
    arrives: 'a complex value as JSON text in its `value` (AppRoleAssignmentsComplex)',
    response: 'unpacked where the text is a JSON object with a `value` of its own',
    byDefault: true,
    fixture: 'entra-roles-single',
  },
  {
    id: 'comma-list-in-search',
    clients: ['hand-written clients'],
    section: 'RFC 7644 3.4.3',
    arrives: '`attributes` of a search as one string with commas',
    response: 'read as the list',
    byDefault: true,
  },
] as const satisfies readonly Quirk[];

/** Names a ledger entry. */
export type QuirkId = (typeof quirks)[number]['id'];
