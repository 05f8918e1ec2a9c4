import type { ScimErrorCode } from '../../../src/errors.js';
import type { Exported, Subpath } from './exports.js';
import { cell, fileOf } from './module-page.js';

/** What an operator or a developer does about an error, by its code. */
const remedies: Readonly<Record<ScimErrorCode, string>> = {
  SCIM_ERROR: 'Read `detail`: your app, or a store, threw a `ScimError` with a status of its own.',
  SCIM_INVALID_SYNTAX: 'Compare the body with what the endpoint expects. Only a faulty client causes this error.',
  SCIM_INVALID_VALUE: 'Correct the attribute that `detail` names in the directory, or the mapping of the client.',
  SCIM_INVALID_FILTER: 'Correct the filter. A limit may be the reason: `detail` names it.',
  SCIM_INVALID_PATH: 'Correct the attribute mapping of the client. An extension needs its whole URN.',
  SCIM_NO_TARGET: 'Add the value first: the filter of the path selects none.',
  SCIM_MUTABILITY: 'Remove the attribute from the mapping of the client: it cannot be written.',
  SCIM_TOO_MANY:
    'Send a smaller `count`, a more selective filter, or `excludedAttributes=members`; or raise the limit.',
  SCIM_UNAUTHORIZED: 'Create a new key and enter it, and check that no proxy removes the `Authorization` header.',
  SCIM_FORBIDDEN:
    'Read `detail`. Give the key the scope, enable provisioning, or check your `authorize` and your guards.',
  SCIM_NOT_FOUND:
    'Check the base URL and the tenant of the key. After a 404 for a resource, most clients create it again.',
  SCIM_METHOD_NOT_ALLOWED: 'Check the URL, and whether the option `operations` of the type includes the operation.',
  SCIM_CONFLICT: 'Use another value. To link accounts that existed before provisioning, use `adopt`.',
  SCIM_VERSION_MISMATCH: 'Nothing: the client reads the resource again and repeats its change.',
  SCIM_UNKNOWN_REFERENCE: 'Provision the user first, or set `groups.pendingMembers`.',
  SCIM_UNAVAILABLE: 'Find the cause in `onError`: the database, or a callback of your app. The client retries.',
  SCIM_HELD: 'Approve or refuse the held changes in the settings panel.',
  SCIM_TOO_LARGE: 'Split the request, or raise the limit that `detail` names.',
  SCIM_NOT_IMPLEMENTED: 'Set the option that enables it (`me`, `operations`), or disable the feature in the client.',
};

interface ErrorRow {
  readonly code: string;
  readonly name: string;
  readonly status: string;
  readonly scimType: string;
  readonly text: string;
}

/** Every error class, as its doc comment describes it: "409 uniqueness: another resource has ...". */
export function errorsOf({ exports }: Subpath): readonly ErrorRow[] {
  return exports.flatMap((exported) => {
    const code = codeOf(exported);
    if (code === undefined) return [];
    const [, status = 'any', scimType = '', rest = exported.text] =
      /^(\d{3})(?: ([a-z]\w+)(?=:))?(?: with [^:.]*)?[:.] ([\s\S]*)$/.exec(exported.text) ?? [];
    return [{ code, name: exported.name, status, scimType, text: rest.split('\n\n')[0] ?? '' }];
  });
}

function codeOf({ kind, members }: Exported): string | undefined {
  const type = kind === 'class' ? members.find(({ name }) => name === 'code')?.type : undefined;
  if (type === undefined) return undefined;
  return /^'(SCIM_\w+)'$/.exec(type)?.[1] ?? (type === 'ScimErrorCode' ? 'SCIM_ERROR' : undefined);
}

/** docs/reference/errors.md */
export function errorsPage(root: Subpath): string {
  const rows = errorsOf(root);
  const scimTypes = rows.filter(({ scimType }) => scimType !== '');
  return `<!-- Written by \`npm run reference\` from src/errors.ts. -->

# Errors

Every error response is JSON in the form of RFC 7644 3.12. \`detail\` says what was wrong and what to write instead, and never
contains a value of the request. The header \`x-request-id\` names the request in your logs.

\`\`\`json
{
  "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
  "status": "409",
  "scimType": "uniqueness",
  "detail": "Another resource already has this userName."
}
\`\`\`

Clients see \`status\`, \`scimType\` and \`detail\`. Your app sees \`code\` too: in \`ScimError.code\`, in the record of
[\`onResponse\`](../options.md#onresponse), and in the provisioning log. Codes are stable; messages may change in any version.

## Errors by code

| code | status | \`scimType\` | when | what to do |
| --- | --- | --- | --- | --- |
${rows
  .map(
    ({ code, status, scimType, text }) =>
      `| [\`${code}\`](#${code.toLowerCase()}) | ${status} | ${scimType === '' ? '' : `\`${scimType}\``} | ${cell(text)} | ${cell(remedyOf(code))} |`,
  )
  .join('\n')}

The code \`SCIM_ERROR\` is also that of \`invalidCursor\`, \`expiredCursor\` and \`invalidCount\` (RFC 9865), and of the statuses 406,
408, 412 for If-None-Match, 414, 415, 429 and 500. Any other error that your app throws becomes a 500 with a fixed text and
the ID of the request; [\`onError\`](../options.md#onerror) gets the cause.

## Errors by \`scimType\`

| \`scimType\` | code |
| --- | --- |
${[...new Set(scimTypes.map(({ scimType }) => scimType))]
  .sort()
  .map((type) => {
    const codes = scimTypes.filter(({ scimType }) => scimType === type).map(({ code }) => `\`${code}\``);
    return `| \`${type}\` | ${codes.join(', ')} |`;
  })
  .join('\n')}

## Throwing errors yourself

Throw these classes from a hook, a guard or a store; the router turns them into the response. To recognize an error, use
\`isScimError\` and compare \`code\`. Do not use \`instanceof\`: two versions of the package in one process have
different classes.

\`\`\`ts
import { ForbiddenError, isScimError, type ScimRouterOptions } from 'express-scim';

export const beforeChange: ScimRouterOptions['beforeChange'] = (change) => {
  if (change.operation === 'delete') throw new ForbiddenError('Deactivate the user instead of deleting it.');
};
export const isTaken = (error: unknown): boolean => isScimError(error) && error.code === 'SCIM_CONFLICT';
\`\`\`

${rows
  .map(
    ({ code, name, text }) =>
      `### ${code}\n\nClass [\`${name}\`](${fileOf(root.name)}#${name.toLowerCase()}). ${text.charAt(0).toUpperCase()}${text.slice(1)}\n\n**What to do.** ${remedyOf(code)}`,
  )
  .join('\n\n')}
`;
}

function remedyOf(code: string): string {
  return Object.hasOwn(remedies, code) ? remedies[code as ScimErrorCode] : '';
}
