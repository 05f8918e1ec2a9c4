import type { HttpResponse } from '../wire/response.js';
import { urn } from '../wire/urn.js';
import { blocker, type Check, ok, problem, warning } from './check.js';
import { Unreachable } from './client.js';

const isLocal = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(host);

const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens on that port: start the service, or correct the host and port.',
  ENOTFOUND: 'The host name has no address: correct it, or wait until the DNS record has propagated.',
  EAI_AGAIN: 'The host name could not be resolved: check the DNS settings of this machine.',
  TIMEOUT: 'A firewall may drop the packets: allow the address ranges of your identity provider.',
  CERT_HAS_EXPIRED: 'The certificate has expired: renew it. Identity providers reject expired certificates.',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'The certificate is self-signed: identity providers require a certificate of a public certificate authority.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The server does not send the intermediate certificate: configure the full certificate chain.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another host name: install one that names this host.',
  ECONNRESET: 'The connection was reset: check whether the port speaks TLS, and the log of the proxy.',
};

const isHtml = ({ headers, text }: HttpResponse): boolean =>
  /html/i.test(headers.get('content-type') ?? '') || /^\s*<(?:!doctype|html)/i.test(text);

/** Whether the service can be reached, and whether it is a SCIM service. */
export const connectionChecks: readonly Check[] = [
  {
    id: 'reachable',
    title: 'The service responds',
    async run(client) {
      try {
        const { status, milliseconds } = await client.send('GET', '/ServiceProviderConfig');
        return ok(`it returned ${String(status)} in ${milliseconds.toFixed(0)} ms`);
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        return blocker(
          `no response: ${error.message}`,
          remedies[error.code ?? ''] ?? 'Check the host, port and network, and that the service is running.',
        );
      }
    },
  },
  {
    id: 'tls',
    title: 'The connection is encrypted',
    run(client) {
      const url = new URL(client.baseUrl);
      if (url.protocol === 'https:') return Promise.resolve(ok('the URL begins with https'));
      if (isLocal(url.hostname)) return Promise.resolve(ok('plain http, on this machine only'));
      return Promise.resolve(
        problem(
          'the URL begins with http: the key is sent in plaintext',
          'Use https. Identity providers refuse plain http; Microsoft Entra ID requires TLS 1.2 or later.',
        ),
      );
    },
  },
  {
    id: 'path',
    title: 'The URL points to the SCIM router',
    async run(client) {
      const response = await client.send('GET', '/Users?count=1');
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400) {
        return blocker(
          `GET /Users was redirected (${String(response.status)}) to ${location ?? 'no location'}`,
          'Configure the URL that the redirect points to: most identity providers do not follow redirects, and a redirected POST loses its body.',
        );
      }
      if (isHtml(response)) {
        return blocker(
          `GET /Users returned ${String(response.status)} with a web page`,
          'Your app or a proxy responds, not the SCIM router: the base URL lacks the path of the mount point (often /scim/v2), or a sign-in page is in front of it.',
        );
      }
      if (response.status === 404) {
        return blocker(
          'GET /Users returned 404',
          'The base URL lacks the path of the mount point (often /scim/v2), or has it twice.',
        );
      }
      const schemas = response.get('schemas');
      if (response.status === 200 && !(Array.isArray(schemas) && schemas.includes(urn.list))) {
        return blocker(
          'GET /Users returned 200, but not a ListResponse',
          'The response does not come from a SCIM service: check the path of the base URL, and the proxy in front of it.',
        );
      }
      if (response.status >= 500) {
        return blocker(
          `GET /Users returned ${String(response.status)}`,
          'The service, or a proxy in front of it, failed: read its log.',
        );
      }
      return ok('GET /Users is served by a SCIM service');
    },
  },
  {
    id: 'trailing-slash',
    title: 'A trailing slash in the URL is harmless',
    async run(client) {
      const { status } = await client.send('GET', '//Users?count=1');
      // A refused key is the finding of another check.
      return [200, 400, 401, 403, 404].includes(status)
        ? ok('the doctor removes a trailing slash; some identity providers do not')
        : warning(`GET with a double slash returned ${String(status)}`, 'Paste the base URL without a trailing slash.');
    },
  },
  {
    id: 'clock',
    title: 'The clock is right',
    async run(client) {
      const { headers } = await client.send('GET', '/ServiceProviderConfig');
      const date = Date.parse(headers.get('date') ?? '');
      if (Number.isNaN(date)) return ok('the service sends no Date header');
      const apart = Math.round(Math.abs(date - Date.now()) / 1000);
      return apart <= 120
        ? ok(`the clocks differ by ${String(apart)} s`)
        : warning(
            `the clocks of the service and of this machine differ by ${String(apart)} s`,
            'Enable time synchronization: the expiry of keys and the times in `meta` depend on this clock.',
          );
    },
  },
  {
    id: 'latency',
    title: 'Responses are fast',
    async run(client) {
      const times: number[] = [];
      for (let i = 0; i < 10; i++) times.push((await client.send('GET', '/Users?count=1')).milliseconds);
      const median = times.sort((a, b) => a - b)[5] ?? 0;
      const observed = `the median of ten responses is ${median.toFixed(0)} ms`;
      if (median < 500) return ok(observed);
      return warning(
        observed,
        'An initial cycle sends thousands of requests. Check for a missing index on userName or externalId, and for slow middleware in front of the router.',
      );
    },
  },
];
