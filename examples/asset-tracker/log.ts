// Structured logs on standard output: `key=value` for a terminal, JSON lines for log collectors.
import type { Configuration } from './configuration.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Fields of a log line; undefined ones are omitted. They never contain secrets or names of members. */
type Fields = Readonly<Record<string, unknown>>;

/** Writes the lines at or above its level. */
export type Log = { readonly [level in Level]: (message: string, fields?: Fields) => void };

const rank: Readonly<Record<Configuration['logLevel'], number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** @param write called with each line, including the line break */
export function createLog(
  { logFormat, logLevel }: Pick<Configuration, 'logFormat' | 'logLevel'>,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}): void => {
      if (rank[level] < rank[logLevel]) return;
      const entry = { time: new Date().toISOString(), level, message, ...plain(fields) };
      write(`${logFormat === 'json' ? JSON.stringify(entry) : asText(entry)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function plain(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Error ? (value.stack ?? value.message) : value]),
  );
}

function asText({
  time,
  level,
  message,
  ...fields
}: {
  readonly time: string;
  readonly level: string;
  readonly message: string;
}): string {
  const pairs = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}=${/^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
  return [time, level.padEnd(5), message, ...pairs].join(' ');
}
