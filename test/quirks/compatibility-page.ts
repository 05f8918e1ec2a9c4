import { type Quirk, quirks } from '../../src/quirks/quirks.js';

/** What clients send that needs no tolerance, because the standards say what to do; and where it is proved. */
const standard: readonly (readonly [what: string, clients: string, section: string])[] = [
  [
    '`members[value eq "id"]` removals, several in one request, mixed with additions',
    'Entra ID, Okta, OneLogin',
    'RFC 7644 3.5.2',
  ],
  ['`excludedAttributes=members`: the attribute is absent, not empty', 'Entra ID', 'RFC 7644 3.9'],
  [
    'a complex attribute compared directly means its `value` (`manager eq`, `emails eq`)',
    'Entra ID, PingFederate',
    'RFC 7644 3.4.2.2',
  ],
  ['a manager or member who does not exist yet is kept', 'Entra ID', 'RFC 7643 4.3'],
  [
    '`application/json` as well as `application/scim+json`; none on GET; one on GET and DELETE without a body',
    'Okta, OneLogin, Google, authentik',
    'RFC 7644 3.1, 8.1',
  ],
  ['`null` and `[]` for an attribute without a value', 'Entra ID, OneLogin', 'RFC 7643 2.5'],
  ['read-only attributes in POST and PUT are ignored', 'Okta, authentik, Keycloak', 'RFC 7644 3.3, 3.5.1'],
  ['`password` is accepted and never returned', 'Okta', 'RFC 7643 4.1.1'],
  ['PUT as the only update', 'Okta, authentik, Keycloak, OneLogin, Ping', 'RFC 7644 3.5.1'],
  ['inactive users stay readable and are found', 'Entra ID, Okta', 'RFC 7643 4.1.1'],
  ['attribute names and caseExact-false values compare without letter case', 'Entra ID, Okta', 'RFC 7643 2.1, 2.2'],
  ['no match is 200 with an empty list', 'Entra ID', 'RFC 7644 3.4.2'],
  ['adding a present member changes nothing', 'JumpCloud, Entra ID', 'RFC 7644 3.5.2.1'],
  ['parallel changes of one group all count', 'Entra ID, Okta, Rippling', 'RFC 7644 3.5.2'],
  ['a complete ServiceProviderConfig, also of what is not offered', 'authentik, SailPoint, Rippling', 'RFC 7643 5'],
  ['a trailing `&` or `?` and unknown query parameters are ignored', 'OneLogin, Entra ID', 'RFC 7644 3.4.2'],
];

/** docs/quirks.md as it should be. */
export function compatibilityPage(): string {
  const rows = quirks.map(
    ({ id, clients, section, arrives, response, byDefault, ...more }: Quirk) =>
      `| \`${id}\` | ${clients.join(', ')} | ${section} | ${cell(arrives)} | ${cell(response)} | ${byDefault ? 'on' : 'off'} | ${more.fixture ?? ''} |`,
  );
  return `# The quirk ledger

Identity providers deviate from the standards, and administrators never read the RFC. Each deviation that this library
tolerates is one entry here. \`options.compat\` switches entries by id, \`strict: true\` all of them:

\`\`\`ts
createScimRouter(store, { authenticate, compat: { 'unquoted-value': false } });
\`\`\`

Each time an entry is applied, its id stands on the change event (\`quirks\`), in the record of \`onAnswer\`, in the debug log
(\`DEBUG=express-scim:quirks\`), and \`onQuirk\` hears of it, with the client as its User-Agent names it. That name is for
reports only: no request is read otherwise because of who seems to have sent it.

| id | sent by | deviates from | what arrives | what we do | default | recorded traffic |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## What needs no tolerance

Clients are known to stumble over servers that do otherwise; the standards say what to do, so there is nothing to switch.

| what | clients | section |
| --- | --- | --- |
${standard.map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')}

This page is made from \`src/compat/ledger.ts\` by \`npm run ledger\`.
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
