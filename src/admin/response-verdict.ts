import { isProvisioningDisabled } from './explain.js';
import { identityProviderName, type ProviderId, providerOf } from './providers.js';
import { shortenedTo } from './visible.js';

/** What the identity provider would report about a failure, and what to do about it. */
export interface Problem {
  readonly verdict: string;
  readonly remedy: string;
}

/** What a request of the connection test has to return. */
export type ExpectedBody = 'list' | 'empty list' | 'service provider config';

/** A response, as far as the connection test looks at it. */
export interface ConnectionResponse {
  readonly status: number;
  readonly mediaType: string;
  readonly location: string | undefined;
  readonly text: string;
}

/** What is wrong with a response; undefined where the identity provider would accept it. */
export function problemOf(
  response: ConnectionResponse,
  expected: ExpectedBody,
  provider: ProviderId,
): Problem | undefined {
  const { keyField, urlField } = providerOf(provider);
  const { status, mediaType, text } = response;
  const html = mediaType === 'text/html' || /^\s*<(?:!doctype|html)/i.test(text);
  const reports = (verdict: string, remedy: string): Problem => ({
    verdict: `${identityProviderName(provider)} would report ${verdict}`,
    remedy,
  });
  if (status >= 300 && status < 400) {
    return reports(
      `that the ${urlField} does not respond: the request was redirected (${shortenedTo(80, response.location ?? 'no location')}).`,
      'Set the base URL to the address at which the SCIM router responds without a redirect: with https, and without a sign-in page in front of it.',
    );
  }
  if (status === 401) {
    return reports(
      `that the credentials are invalid: the ${keyField} was not accepted.`,
      'The test used a new key, so the key is not the cause. Check that the SCIM router uses connectionAuthenticator with the same store, and that no proxy removes the Authorization header.',
    );
  }
  if (status === 403) {
    return isProvisioningDisabled(text)
      ? reports(
          'that it is not allowed to provision: user provisioning is disabled here.',
          'Enable it under Status, and test again.',
        )
      : reports(
          'that it has no permission.',
          'Check the `authorize` option of the SCIM router, and firewalls in front of it.',
        );
  }
  if (status === 404) {
    return html
      ? reports(
          `that the ${urlField} is not found: the response is a web page and not from the SCIM router.`,
          'Compare the base URL with the path at which the router is mounted; it often ends with /scim/v2.',
        )
      : reports(
          'that the endpoint is not found. Microsoft Entra ID would quarantine the job at once.',
          'Compare the base URL with the path at which the router is mounted, and check whether a proxy rewrites paths.',
        );
  }
  if (status === 429)
    return reports('that it is rate limited.', 'Allow the identity provider more requests: at least 25 per second.');
  if (status >= 500) {
    return reports(
      'that the server failed, and would retry later.',
      'Check the application’s log. A gateway error (502 to 504) means that the application is not running.',
    );
  }
  if (status !== 200) {
    return reports(`that status ${String(status)} is unexpected.`, 'Check the provisioning log for the reason.');
  }
  if (html) {
    return reports(
      'that the response is not SCIM: it is a web page.',
      'A sign-in page or the application’s front end responds at the base URL. Mount the SCIM router before them.',
    );
  }
  if (mediaType !== 'application/scim+json' && mediaType !== 'application/json') {
    return reports(
      `that the response has the wrong media type (${shortenedTo(80, mediaType === '' ? 'none' : mediaType)}).`,
      'Content-Type must be application/scim+json. Check whether a proxy between the identity provider and the router changes it.',
    );
  }
  return problemOfBody(text, expected, reports);
}

function problemOfBody(
  text: string,
  expected: ExpectedBody,
  reports: (verdict: string, remedy: string) => Problem,
): Problem | undefined {
  const body = parse(text);
  const wrongServer =
    'Something other than the SCIM router responds at the base URL. Compare it with the path at which the router is mounted.';
  if (body === undefined) return reports('that the response is not JSON.', wrongServer);
  const schemas: readonly unknown[] = Array.isArray(body['schemas']) ? body['schemas'] : [];
  if (expected === 'service provider config') {
    const isConfig = schemas.includes('urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig');
    return isConfig ? undefined : reports('that the response is not a ServiceProviderConfig.', wrongServer);
  }
  const isList = schemas.includes('urn:ietf:params:scim:api:messages:2.0:ListResponse');
  if (!isList || !Number.isInteger(body['totalResults'])) {
    return reports('that the response is not a ListResponse.', wrongServer);
  }
  if (expected === 'empty list' && body['totalResults'] !== 0) {
    return reports(
      'success, but would then match every user with the wrong account: the filter is ignored.',
      'Apply the filter in the user store. The store test suite shows where it is not applied.',
    );
  }
  return undefined;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
