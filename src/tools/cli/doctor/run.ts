import { type DoctorFinding, runDoctor } from '../../index.js';
import { readArguments, readOnlyUrl, requireKey } from '../arguments.js';
import type { CleanSurroundings } from '../surroundings.js';
import { printable } from '../printable.js';
import { type Look, lookOf, paint, wrap } from '../table.js';

const help = `express-scim doctor URL [options]

Finds what prevents an identity provider from provisioning to a SCIM 2.0 service: address, certificate, proxies, keys,
media types, discovery, pagination and latency. Says how to fix each problem. Creates one user and deletes it again.

  URL                 base URL of the service, as pasted into the identity provider
  --key KEY           bearer key; prefer SCIM_KEY in the environment, which stays out of the shell history
  --read-only         create nothing; POST, PATCH, PUT and DELETE are then not checked
  --json FILE         write the findings; - is standard output
  --help              show this help

Exit code: 0 when there is no problem, 1 when there is one, 2 when the command could not run.
`;

const options = {
  key: { type: 'string' },
  'read-only': { type: 'boolean' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs `express-scim doctor`. @returns the exit code */
export async function runDoctorCommand(
  args: readonly string[],
  { env, stdout, stderr, save }: CleanSurroundings,
): Promise<number> {
  const { values, positionals } = readArguments(args, options);
  if (values.help === true) {
    stdout.write(help);
    return 0;
  }
  const baseUrl = readOnlyUrl(positionals, 'doctor');
  const key = requireKey(values.key, env);
  const findings = await runDoctor({ baseUrl, key, readOnly: values['read-only'] });
  const out = values.json === '-' ? stderr : stdout;
  out.write(findingsText(findings, lookOf(out, env)));
  const json = `${JSON.stringify(findings, null, 2)}\n`;
  if (values.json === '-') stdout.write(json);
  else if (values.json !== undefined) await save(values.json, json);
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
}

const colors = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

function findingsText(findings: readonly DoctorFinding[], look: Look): string {
  const lines = findings.flatMap(({ level, title, observed, remedy }) => {
    const indented = (text: string): string[] =>
      wrap(printable(text), look.width - 10).map((line) => `          ${line}`);
    return [
      `${paint(level.padEnd(9), colors[level], look)} ${title}`,
      ...indented(observed),
      ...(remedy === '' ? [] : indented(`What to do: ${remedy}`)),
    ];
  });
  const count = (level: DoctorFinding['level'], noun: string): string => {
    const number = findings.filter((each) => each.level === level).length;
    return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
  };
  const ok = String(findings.filter(({ level }) => level === 'ok').length);
  return [...lines, '', `${count('problem', 'problem')}, ${count('warning', 'warning')}, ${ok} ok`, ''].join('\n');
}
