import { InvalidValueError } from '../errors.js';

/**
 * Refuses a request whose endpoint is in its query: the base URL that was entered in the client ends with a query, such as
 * the `?aadOptscim062020` of Microsoft Entra ID, and the client has added `/Users?filter=...` behind it.
 *
 * The path of such a request is that of the root, so it would be a query over all resources (RFC 7644 3.4.2.1), and the
 * client would take the first of them for what it has searched for.
 *
 * @param path below the mount point
 * @param query without its question mark
 * @throws InvalidValueError
 */
export function refuseMisplacedEndpoint(path: string, query: string): void {
  if (path !== '' && path !== '/') return;
  if (!query.split('&').some(hasSlashInName)) return;
  throw new InvalidValueError(
    'The endpoint is in the query, because the base URL ends with a query: remove the ? and what follows it from the ' +
      'base URL (the Tenant URL of Microsoft Entra ID).',
  );
}

function hasSlashInName(pair: string): boolean {
  const equals = pair.indexOf('=');
  const name = equals < 0 ? pair : pair.slice(0, equals);
  return name.includes('/') || /%2f/i.test(name);
}
