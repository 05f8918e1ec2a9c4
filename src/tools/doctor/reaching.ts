import { type Check, ok, problem, warning } from './check.js';
import { type Probe, Unreachable } from './probe.js';

const isLocal = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(host);

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: start the service, or correct host and port.',
  ENOTFOUND: 'The host name has no address: correct it, or wait until the DNS record is known everywhere.',
  EAI_AGAIN: 'The host name could not be looked up: look at the DNS settings of this machine.',
  TIMEOUT: 'A firewall may drop the packets: let the address ranges of your identity provider in.',
  CERT_HAS_EXPIRED: 'The certificate has expired: renew it. Identity providers accept no expired one.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is self-signed: identity providers want one of a public authority.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The server does not send the intermediate certificate: configure the whole chain.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another host name: get one that names this host.',
  ECONNRESET: 'The connection was cut off: look whether the port speaks TLS, and at the log of the proxy.',
};

const isHtml = ({ headers, text }: Probe): boolean =>
  /html/i.test(headers.get('content-type') ?? '') || /^\s*<(?:!doctype|html)/i.test(text);

/** Whether, and as what, the service can be reached. */
export const reachingChecks: readonly Check[] = [
  {
    id: 'reachable',
    title: 'The service answers',
    async run(prober) {
      try {
        const { status, milliseconds } = await prober.send('GET', '/ServiceProviderConfig');
        return ok(`it answered ${String(status)} in ${milliseconds.toFixed(0)} ms`);
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        return problem(
          `no answer came: ${error.message}`,
          unreachable[error.code ?? ''] ?? 'Look whether host, port and network are right, and the service is running.',
        );
      }
    },
  },
  {
    id: 'tls',
    title: 'The connection is encrypted',
    run(prober) {
      const url = new URL(prober.target.baseUrl);
      if (url.protocol === 'https:') return Promise.resolve(ok('the URL begins with https'));
      if (isLocal(url.hostname)) return Promise.resolve(ok('plain http, on this machine only'));
      return Promise.resolve(
        problem(
          'the URL begins with http: the key travels readable',
          'Use https. Identity providers refuse plain http; Microsoft Entra ID wants TLS 1.2 or later.',
        ),
      );
    },
  },
  {
    id: 'path',
    title: 'The URL leads to the SCIM router',
    async run(prober) {
      const response = await prober.send('GET', '/Users?count=1');
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400) {
        return problem(
          `GET /Users was redirected (${String(response.status)}) to ${location ?? 'nowhere'}`,
          'Give the identity provider the address behind the redirect: most follow none, and a redirected POST loses its body.',
        );
      }
      if (isHtml(response)) {
        return problem(
          `GET /Users answered ${String(response.status)} with a web page`,
          'The application or a proxy answers, not the SCIM router: the base URL lacks the path of the mount point (often /scim/v2), or a sign-in page stands before it.',
        );
      }
      if (response.status === 404) {
        return problem(
          'GET /Users answered 404',
          'The base URL lacks the path of the mount point (often /scim/v2), or has it twice.',
        );
      }
      return ok('GET /Users is answered by a SCIM service');
    },
  },
  {
    id: 'trailing-slash',
    title: 'A slash at the end of the URL does no harm',
    async run(prober) {
      const { status } = await prober.send('GET', '//Users?count=1');
      return status === 200 || status === 404 || status === 400
        ? ok('the doctor takes a slash at the end away; some providers do not')
        : warning(
            `with a second slash GET answered ${String(status)}`,
            'Paste the base URL without a slash at its end.',
          );
    },
  },
  {
    id: 'clock',
    title: 'The clock is right',
    async run(prober) {
      const { headers } = await prober.send('GET', '/ServiceProviderConfig');
      const date = Date.parse(headers.get('date') ?? '');
      if (Number.isNaN(date)) return ok('the service tells no time');
      const apart = Math.round(Math.abs(date - Date.now()) / 1000);
      return apart <= 120
        ? ok(`the clocks are ${String(apart)} s apart`)
        : warning(
            `the clocks of the service and of this machine are ${String(apart)} s apart`,
            'Switch on time synchronization: keys expire, and times in `meta` are compared, by this clock.',
          );
    },
  },
  {
    id: 'latency',
    title: 'Answers come soon',
    async run(prober) {
      const times: number[] = [];
      for (let i = 0; i < 10; i++) times.push((await prober.send('GET', '/Users?count=1')).milliseconds);
      const median = times.sort((a, b) => a - b)[5] ?? 0;
      const seen = `the median of ten answers is ${median.toFixed(0)} ms`;
      if (median < 500) return ok(seen);
      return warning(
        seen,
        'A first cycle sends thousands of requests. Look for a missing index on userName and externalId, and for what runs before the router.',
      );
    },
  },
];
