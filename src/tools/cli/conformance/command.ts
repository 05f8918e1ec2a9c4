import type { ConformanceTarget, Level } from '../../index.js';
import {
  type Environment,
  readArguments,
  readKey,
  readOnlyUrl,
  readUrl,
  requireKey,
  UsageError,
} from '../arguments.js';
import type { ReportFormat } from '../reports/report.js';

/** A parsed command line. */
export interface ConformanceCommand {
  readonly target: ConformanceTarget;
  /** Default: all levels. */
  readonly levels: readonly Level[] | undefined;
  /** IDs, features, or beginnings of IDs. Default: all tests. */
  readonly only: readonly string[] | undefined;
  /** Time limit of one test. */
  readonly timeoutMilliseconds: number | undefined;
  /** Files to write; `-` is standard output. */
  readonly reports: readonly { readonly format: ReportFormat; readonly file: string }[];
}

export const conformanceHelp = `express-scim conformance URL [options]

Tests over HTTP whether a SCIM 2.0 server conforms to RFC 7643, RFC 7644 and RFC 9865. Creates users and groups with
unique names and deletes them. Use a test server or a test tenant.

  URL                 base URL of the service, such as https://app.example.com/scim/v2
  --key KEY           bearer key; prefer SCIM_KEY in the environment, which stays out of the shell history
  --second-key KEY    key of another tenant, for the tests of tenant isolation (or SCIM_SECOND_KEY)
  --second-url URL    base URL of that tenant, if it differs
  --strict            the server accepts no deviation from the RFCs and follows the interoperability profile
  --level LEVEL       must, should, may, implied or client; can be repeated. Default: all
  --only WHAT         an ID, the start of an ID (7644-3.5.2) or a feature (filter); can be repeated
  --timeout SECONDS   time limit of one test. Default: 15
  --json FILE, --junit FILE, --html FILE
                      write a report; - is standard output
  --help              show this help

Exit code: 0 when no test failed, 1 when one did, 2 when the command could not run.
`;

const levels: Readonly<Record<string, Level>> = {
  must: 'MUST',
  should: 'SHOULD',
  may: 'MAY',
  implied: 'implied',
  client: 'client',
};

const options = {
  key: { type: 'string' },
  'second-key': { type: 'string' },
  'second-url': { type: 'string' },
  strict: { type: 'boolean' },
  level: { type: 'string', multiple: true },
  only: { type: 'string', multiple: true },
  timeout: { type: 'string' },
  json: { type: 'string' },
  junit: { type: 'string' },
  html: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the arguments of `conformance` and the keys of the environment.
 *
 * @returns undefined where help is requested
 * @throws UsageError
 */
export function readConformanceCommand(args: readonly string[], env: Environment): ConformanceCommand | undefined {
  const { values, positionals } = readArguments(args, options);
  if (values.help === true) return undefined;
  const baseUrl = readOnlyUrl(positionals, 'conformance');
  const key = requireKey(values.key, env);
  const secondKey = readKey(values['second-key'] ?? env['SCIM_SECOND_KEY'], 'second key');
  const secondUrl = values['second-url'];
  if (secondUrl !== undefined && secondKey === undefined) {
    throw new UsageError('--second-url needs the key of that tenant: set SCIM_SECOND_KEY, or give --second-key.');
  }
  return {
    target: {
      baseUrl,
      key,
      mode: values.strict === true ? 'strict' : 'default',
      secondTenant:
        secondKey === undefined
          ? undefined
          : { baseUrl: secondUrl === undefined ? baseUrl : readUrl(secondUrl), key: secondKey },
    },
    levels: values.level?.map(readLevel),
    only: values.only,
    timeoutMilliseconds: readTimeout(values.timeout),
    reports: readReports(values),
  };
}

function readLevel(text: string): Level {
  const level = levels[text.toLowerCase()];
  if (level === undefined) throw new UsageError(`--level must be one of ${Object.keys(levels).join(', ')}.`);
  return level;
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError('--timeout must be a number of seconds, up to 3600.');
  return Math.ceil(seconds * 1000);
}

function readReports(values: Readonly<Partial<Record<ReportFormat, string>>>): ConformanceCommand['reports'] {
  const reports = (['json', 'junit', 'html'] as const).flatMap((format) => {
    const file = values[format];
    if (file === '') throw new UsageError(`--${format} must name a file, or - for standard output.`);
    return file === undefined ? [] : [{ format, file }];
  });
  if (reports.filter(({ file }) => file === '-').length > 1) {
    throw new UsageError('Only one report can go to standard output.');
  }
  return reports;
}
