// Structured logs on standard output: `key=value` for users, JSON lines for machines.
import type { Configuration } from './configuration.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Facts of one line, by name; undefined ones are left out. Never a secret, never a person's name. */
export type Facts = Readonly<Record<string, unknown>>;

/** Writes lines at or above its level. */
export type Log = { readonly [level in Level]: (message: string, facts?: Facts) => void };

const rank: Readonly<Record<Configuration['logLevel'], number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** @param write takes one line, with its end */
export function createLog(
  { logFormat, logLevel }: Pick<Configuration, 'logFormat' | 'logLevel'>,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): Log {
  const at =
    (level: Level) =>
    (message: string, facts: Facts = {}): void => {
      if (rank[level] < rank[logLevel]) return;
      const entry = { time: new Date().toISOString(), level, message, ...plain(facts) };
      write(`${logFormat === 'json' ? JSON.stringify(entry) : asText(entry)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function plain(facts: Facts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Error ? (value.stack ?? value.message) : value]),
  );
}

function asText({
  time,
  level,
  message,
  ...facts
}: {
  readonly time: string;
  readonly level: string;
  readonly message: string;
}): string {
  const pairs = Object.entries(facts).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}=${/^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
  return [time, level.padEnd(5), message, ...pairs].join(' ');
}
