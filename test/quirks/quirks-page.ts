import { type Quirk, quirks } from '../../src/quirks/quirks.js';

/** Behavior that clients depend on and that the standards require, so that it is no quirk. */
const standard: readonly (readonly [what: string, clients: string, section: string])[] = [
  [
    'several removals of `members[value eq "id"]` in one request, mixed with additions',
    'Entra ID, Okta, OneLogin',
    'RFC 7644 3.5.2',
  ],
  ['`excludedAttributes=members`: the attribute is absent, not empty', 'Entra ID', 'RFC 7644 3.9'],
  [
    'a filter on a complex attribute compares its `value` (`manager eq`, `emails eq`)',
    'Entra ID, PingFederate',
    'RFC 7644 3.4.2.2',
  ],
  ['a manager or member that does not exist yet is kept', 'Entra ID', 'RFC 7643 4.3'],
  [
    '`application/json` as well as `application/scim+json`; GET without a Content-Type; GET and DELETE with one but without a body',
    'Okta, OneLogin, Google, authentik',
    'RFC 7644 3.1, 8.1',
  ],
  ['`null` and `[]` mean that an attribute has no value', 'Entra ID, OneLogin', 'RFC 7643 2.5'],
  ['read-only attributes in POST and PUT are ignored', 'Okta, authentik, Keycloak', 'RFC 7644 3.3, 3.5.1'],
  ['`password` is accepted and never returned', 'Okta', 'RFC 7643 4.1.1'],
  ['PUT as the only update', 'Okta, authentik, Keycloak, OneLogin, Ping', 'RFC 7644 3.5.1'],
  ['inactive users stay readable, and queries find them', 'Entra ID, Okta', 'RFC 7643 4.1.1'],
  [
    'attribute names, and values that are not caseExact, are compared without letter case',
    'Entra ID, Okta',
    'RFC 7643 2.1, 2.2',
  ],
  ['a query without matches returns 200 with an empty list', 'Entra ID', 'RFC 7644 3.4.2'],
  ['adding a present member changes nothing', 'JumpCloud, Entra ID', 'RFC 7644 3.5.2.1'],
  ['concurrent changes to one group are all applied', 'Entra ID, Okta, Rippling', 'RFC 7644 3.5.2'],
  [
    'a complete ServiceProviderConfig, which also lists the features that are not supported',
    'authentik, SailPoint, Rippling',
    'RFC 7643 5',
  ],
  ['a trailing `&` or `?` and unknown query parameters are ignored', 'OneLogin, Entra ID', 'RFC 7644 3.4.2'],
];

/** The text of docs/quirks.md. */
export function quirksPage(): string {
  const rows = quirks.map(
    ({ id, clients, section, received, handling, byDefault, ...more }: Quirk) =>
      `| \`${id}\` | ${clients.join(', ')} | ${section} | ${cell(received)} | ${cell(handling)} | ${byDefault ? 'on' : 'off'} | ${more.fixture ?? ''} |`,
  );
  return `# Quirks

Identity providers deviate from the SCIM standards in many small ways. The library calls such a deviation a quirk. This page lists
all quirks, for developers who want to know what the library accepts, or who see a quirk in a log. To turn a quirk off, write its ID;
\`strict: true\` turns all of them off:

\`\`\`ts
import { createScimRouter } from 'express-scim';

createScimRouter(store, { authenticate, quirks: { 'unquoted-value': false } });
\`\`\`

When a quirk is applied to a request, you see its ID in four places: in \`quirks\` of the change event, in \`quirks\` of the
record that \`onResponse\` receives, in the debug log (\`DEBUG=express-scim:quirks\`), and in the call of \`onQuirk\`. Both
hooks also get the client, guessed from its User-Agent. The guess is for reports only, and does not change how the library reads a
request. For a deviation that is not listed here, [define a quirk of your own](options.md#quirks).

| id | clients | deviates from | what the client sends | what the library does | default | recorded traffic |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## Behavior that needs no quirk

Some clients fail with servers that do not do the following. The standards require or allow all of it, so there is nothing
to switch.

| behavior | clients | section |
| --- | --- | --- |
${standard.map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')}

\`npm run quirks\` generates this page from \`src/quirks/quirks.ts\`.
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
