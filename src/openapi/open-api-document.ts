import type { IncomingMessage } from 'node:http';
import type { UserStore } from '../contract/store.js';
import { isKept } from '../contract/supports.js';
import type { ScimRouterOptions } from '../options.js';
import { parseOptions, type ParsedOptions } from '../options/parse.js';
import type { StoredType } from '../options/resource-types.js';
import type { DescribedType, Operation, ServiceDescription } from './description.js';
import { type OpenApiDocument, writeDocument } from './document.js';
import { checkOptions } from '../contract/option-mistakes.js';

/**
 * What an OpenAPI document says about the service as a whole.
 *
 * @example
 * import type { OpenApiInformation } from 'express-scim/openapi';
 *
 * export const information: OpenApiInformation = {
 *   title: 'Provisioning',
 *   version: '2026-11',
 *   servers: ['https://app.example.com/scim/v2'],
 * };
 */
export interface OpenApiInformation {
  /** Default `SCIM 2.0`. */
  readonly title?: string | undefined;
  /** Version of your API. Default `2.0`, that of SCIM. */
  readonly version?: string | undefined;
  /** Default: none. */
  readonly description?: string | undefined;
  /** URLs of the mount point, absolute or relative. Default: `options.baseUrl` if it is a string, otherwise `/`. */
  readonly servers?: readonly string[] | undefined;
}

/**
 * The OpenAPI 3.1 document of the router that `createScimRouter(store, options)` creates: its endpoints, schemas and
 * extensions with their constraints, parameters, errors and authentication. It omits what is disabled.
 *
 * @returns a plain object, for `res.json` or `JSON.stringify`
 * @throws TypeError for mistakes in the options or the store, as `createScimRouter` does, and in `information`
 * @example
 * import { connectorKeys, MemoryStore } from 'express-scim';
 * import { openApiDocument } from 'express-scim/openapi';
 *
 * const authenticate = connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]);
 * const document = openApiDocument(new MemoryStore(), { authenticate }, { title: 'Provisioning' });
 * console.log(JSON.stringify(document, null, 2));
 */
export function openApiDocument<Req extends IncomingMessage = IncomingMessage>(
  store: UserStore,
  options: ScimRouterOptions<Req>,
  information: OpenApiInformation = {},
): OpenApiDocument {
  const parsed = parseOptions(store, options, 'openApiDocument');
  checkOptions(
    information,
    {
      of: 'openApiDocument',
      page: 'openapi.md',
      kinds: { title: 'string', version: 'string', description: 'string', servers: 'list' },
    },
    ({ servers: urls }) => [
      Array.isArray(urls) && !(urls.length > 0 && urls.every((url) => typeof url === 'string' && url !== ''))
        ? 'servers must be a list of URLs that is not empty'
        : undefined,
    ],
  );
  const { title = 'SCIM 2.0', version = '2.0', description } = information;
  const { baseUrl } = parsed;
  const servers = information.servers ?? [typeof baseUrl === 'string' ? baseUrl : '/'];
  return writeDocument(describeService(parsed), { title, version, description, servers });
}

function describeService(
  parsed: Omit<ParsedOptions<IncomingMessage>, 'authenticator' | 'tenantOf'> & {
    readonly authenticator: { readonly schemes: ServiceDescription['schemes'] };
  },
): ServiceDescription {
  const { resourceTypes, limits } = parsed;
  const offers = (...operations: readonly Operation[]): boolean =>
    resourceTypes.some((type) => operations.some((operation) => type.operations.has(operation)));
  const users = resourceTypes.find(({ type }) => type.name === 'User');
  return {
    types: resourceTypes.map((type) => describeType(type, parsed.patchStatus)),
    schemes: parsed.authenticator.schemes,
    documentationUri: parsed.documentationUri,
    bulk: offers('create', 'replace', 'patch', 'delete')
      ? { maxOperations: limits.bulkOperations, maxPayloadSize: limits.bulkBytes }
      : undefined,
    me: parsed.me === undefined ? new Set() : (users?.operations ?? new Set()),
    queryAll: offers('query'),
    searchAll: offers('query'),
    etag: true,
    defaultResults: limits.defaultResults,
    maxResults: limits.maxResults,
    publicDiscovery: parsed.publicDiscovery,
  };
}

function describeType(stored: StoredType, patchStatus: 200 | 204): DescribedType {
  const { type, store, operations, memberDeltas } = stored;
  const { supports } = store;
  return {
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema,
    extensions: type.extensions,
    externalId: isKept(supports, 'externalId'),
    operations,
    search: operations.has('query'),
    sort: supports?.sort !== false,
    cursor: supports?.cursor !== false,
    // RFC 7644 3.5.2: a PATCH that selects attributes returns them.
    patchStatuses: memberDeltas && patchStatus === 204 ? [200, 204] : [200],
  };
}
