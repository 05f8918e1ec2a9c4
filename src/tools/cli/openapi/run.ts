import { writeDocument } from '../../../openapi/document.js';
import { connectionFailure } from '../../wire/exchange.js';
import { wireClient } from '../../wire/client.js';
import { readArguments, readOnlyUrl, requireKey } from '../arguments.js';
import type { CleanSurroundings } from '../surroundings.js';
import { discoverService } from './discover.js';

const help = `express-scim openapi URL [options]

Writes an OpenAPI 3.1 document of a SCIM 2.0 service, from what its discovery endpoints say: resource types, schemas,
extensions, features and ways to authenticate. Sends GET and OPTIONS only.

  URL                 base URL of the service
  --key KEY           bearer key; prefer SCIM_KEY in the environment, which stays out of the shell history
  --title TITLE       title of the document; default: SCIM 2.0
  --api-version TEXT  version of the API in the document; default: 2.0
  --out FILE          write it into a file; default: standard output
  --help              show this help

Exit code: 0 when the document was written, 2 when the service could not be read.
`;

const options = {
  key: { type: 'string' },
  title: { type: 'string' },
  'api-version': { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const timeoutMilliseconds = 30_000;

/** Runs `express-scim openapi`. @returns the exit code */
export async function runOpenApiCommand(
  args: readonly string[],
  { env, stdout, stderr, save }: CleanSurroundings,
): Promise<number> {
  const { values, positionals } = readArguments(args, options);
  if (values.help === true) {
    stdout.write(help);
    return 0;
  }
  const baseUrl = readOnlyUrl(positionals, 'openapi');
  const client = wireClient({
    endpoint: { baseUrl, key: requireKey(values.key, env) },
    signal: () => AbortSignal.timeout(timeoutMilliseconds),
  });
  const service = await discoverService(
    (method, path) =>
      client.send(method, path).catch((error: unknown) => {
        throw new Error(`${method} ${path} failed: ${connectionFailure(error).message}`);
      }),
    baseUrl,
  );
  const { title = 'SCIM 2.0', 'api-version': version = '2.0', out } = values;
  const json = `${JSON.stringify(writeDocument(service, { title, version, servers: [baseUrl] }), null, 2)}\n`;
  if (out === undefined) {
    stdout.write(json);
    return 0;
  }
  await save(out, json);
  stderr.write(`Written: ${String(service.types.length)} resource types.\n`);
  return 0;
}
