// Structured logs on standard output: `key=value` for a terminal, JSON lines for log collectors.
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { pinoHttp } from 'pino-http';
import type { Configuration } from './configuration.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Fields of a log line; undefined ones are omitted. They never contain secrets or names of members. */
type Fields = Readonly<Record<string, unknown>>;

/** Writes the lines at or above its level. */
export type Log = { readonly [level in Level]: (message: string, fields?: Fields) => void } & {
  readonly logger: Logger;
};

/** Names of secrets, at the top of a line and one level below. Nothing logs them on purpose; this is the second lock. */
const secrets = ['password', 'key', 'token', 'secret', 'csrf', 'authorization', 'cookie', '["set-cookie"]'];

/** @param write called with each line, including the line break */
export function createLog(
  { logFormat, logLevel }: Pick<Configuration, 'logFormat' | 'logLevel'>,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  const asLine = logFormat === 'json' ? write : (line: string) => write(asText(JSON.parse(line) as Entry));
  const logger = pino(
    {
      level: logLevel,
      base: null,
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: (value: unknown) => (value instanceof Error ? (value.stack ?? value.message) : value) },
      redact: {
        paths: secrets.flatMap((name) => [name, name.startsWith('[') ? `*${name}` : `*.${name}`]),
        censor: '[redacted]',
      },
    },
    { write: asLine },
  );
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}): void =>
      logger[level](fields, message);
  return { logger, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Logs each request once it is done, without its query, headers and bodies. */
export function logRequests({ logger }: Log): RequestHandler {
  return pinoHttp({
    logger,
    // The ID of a page. The SCIM router and its panel set their own.
    genReqId(_req, res) {
      const id = randomUUID();
      res.setHeader('x-request-id', id);
      return id;
    },
    // Called at the start too, when the router has not set its ID yet.
    customProps: (_req, res) => (res.headersSent ? { requestId: res.getHeader('x-request-id') } : {}),
    customAttributeKeys: { responseTime: 'ms' },
    serializers: {
      req: ({ method, url }: { readonly method: string; readonly url: string }) => ({
        method,
        path: url.split('?')[0],
      }),
      res: ({ statusCode }: { readonly statusCode: number }) => ({ status: statusCode }),
      // The error handler logs the error itself; this one only says that the status is 500.
      err: () => undefined,
    },
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'error' : 'info'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    autoLogging: { ignore: ({ url = '' }) => url === '/health' || url.startsWith('/public/') },
  });
}

interface Entry {
  readonly time: string;
  readonly level: string;
  readonly message: string;
}

function asText({ time, level, message, ...fields }: Entry): string {
  const pairs = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}=${/^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
  return `${[time, level.padEnd(5), message, ...pairs].join(' ')}\n`;
}
