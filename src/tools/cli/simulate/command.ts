import { nearest } from '../../../contract/nearest.js';
import { clientFacts, type ClientId, clientIds, isClientId } from '../../simulator/clients/index.js';
import { type Environment, readArguments, readOnlyUrl, requireKey, UsageError } from '../arguments.js';

/** A parsed command line. */
export interface SimulateCommand {
  readonly clients: readonly ClientId[];
  readonly baseUrl: string;
  readonly key: string;
  readonly users: number;
  readonly groups: number;
  readonly concurrency: number;
  readonly seed: number;
  readonly keep: boolean;
  /** Files to write; `-` is standard output. */
  readonly html: string | undefined;
  readonly json: string | undefined;
}

const list = clientIds
  .map((id) => {
    const { name, confidence } = clientFacts(id);
    return `    ${id.padEnd(12)}${name} (${confidence})`;
  })
  .join('\n');

export const simulateHelp = `express-scim simulate CLIENT URL [options]

Simulates the SCIM client of an identity provider against a server: connection test, initial cycle, changes, concurrent
membership changes, deprovisioning, and cycles in which nothing must change. Reports each request that failed and what the
client would do next. It creates users and groups and deletes them. Use a test server or a test tenant.

The clients are modeled on public documentation, recorded traffic and open source. No vendor certifies them.

  CLIENT              all, or one of
${list}
  URL                 base URL of the service, such as https://app.example.com/scim/v2
  --key KEY           bearer key; prefer SCIM_KEY in the environment, which stays out of the shell history
  --users NUMBER      users in the directory. Default: 500
  --groups NUMBER     groups in the directory; 0 for a server with users only. Default: 20
  --concurrency NUMBER
                      concurrent requests. Default: 8
  --seed NUMBER       seed of the random directory: the same seed gives the same directory. Default: 1
  --keep              keep the created resources at the end
  --html FILE, --json FILE
                      write a report; - is standard output
  --help              show this help

Exit code: 0 when no errors were found, 1 when some were, 2 when the command could not run to its end.
`;

const options = {
  key: { type: 'string' },
  users: { type: 'string' },
  groups: { type: 'string' },
  concurrency: { type: 'string' },
  seed: { type: 'string' },
  keep: { type: 'boolean' },
  html: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the arguments of `simulate` and the key of the environment.
 *
 * @returns undefined where help is requested
 * @throws UsageError
 */
export function readSimulateCommand(args: readonly string[], env: Environment): SimulateCommand | undefined {
  const { values, positionals } = readArguments(args, options);
  if (values.help === true) return undefined;
  const [client, ...rest] = positionals;
  if (client === undefined) throw new UsageError('The client is missing: write express-scim simulate entra URL.');
  if (client !== 'all' && !isClientId(client)) {
    const near = nearest(client, ['all', ...clientIds]);
    const hint = near === undefined ? '' : ` Did you mean ${near}?`;
    throw new UsageError(`The client must be all, ${clientIds.join(', ')}.${hint}`);
  }
  const baseUrl = readOnlyUrl(rest, `simulate ${client}`);
  const { html, json } = values;
  for (const [name, file] of Object.entries({ html, json })) {
    if (file === '') throw new UsageError(`--${name} must name a file, or - for standard output.`);
  }
  if (html === '-' && json === '-') throw new UsageError('Only one report can go to standard output.');
  return {
    clients: client === 'all' ? clientIds : [client],
    baseUrl,
    key: requireKey(values.key, env),
    users: readNumber('users', values.users, 500, 2, 100_000),
    groups: readNumber('groups', values.groups, 20, 0, 10_000),
    concurrency: readNumber('concurrency', values.concurrency, 8, 1, 256),
    seed: readNumber('seed', values.seed, 1, 0, 0xffff_ffff),
    keep: values.keep === true,
    html,
    json,
  };
}

function readNumber(name: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < least || value > most || text === '') {
    throw new UsageError(`--${name} must be an integer from ${String(least)} to ${String(most)}.`);
  }
  return value;
}
