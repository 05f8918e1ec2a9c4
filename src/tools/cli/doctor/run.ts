import { writeFile } from 'node:fs/promises';
import { type DoctorFinding, runDoctor } from '../../conformance/index.js';
import { readArguments, readUrl, requireKey, UsageError } from '../arguments.js';
import type { Surroundings } from '../surroundings.js';
import { type Look, paint, printable, wrap } from '../table.js';

const help = `express-scim doctor URL [options]

Finds out what would stand between an identity provider and a SCIM 2.0 service: address, certificate, proxies, keys, media
types, discovery, pages, speed; each finding with what to do. It creates one user and deletes it again.

  URL                 base URL of the service, as it is given to the identity provider
  --key KEY           bearer key; better given as SCIM_KEY in the environment, where no shell history keeps it
  --read-only         creates nothing; PATCH and DELETE are then not tried
  --json FILE         writes the findings; - is standard output
  --help              shows this

Ends with 0 where there is no problem, 1 where there is one, 2 when it could not run.
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
  { env, stdout, stderr }: Surroundings,
): Promise<number> {
  const { values, positionals } = readArguments(args, options);
  if (values.help === true) {
    stdout.write(help);
    return 0;
  }
  const [url, ...more] = positionals;
  if (url === undefined) throw new UsageError('The URL is missing: write express-scim doctor URL.');
  if (more.length > 0) throw new UsageError('There is one URL too many, or the value of an option lacks its option.');
  const key = requireKey(values.key, env);
  const all = await runDoctor({ baseUrl: readUrl(url), key, readOnly: values['read-only'] });
  const findings = all.map((finding) => ({ ...finding, seen: finding.seen.replaceAll(key, '[key]') }));
  const out = values.json === '-' ? stderr : stdout;
  out.write(
    findingsText(findings, { color: out.isTTY === true && (env['NO_COLOR'] ?? '') === '', width: out.columns ?? 100 }),
  );
  const json = `${JSON.stringify(findings, null, 2)}\n`;
  if (values.json === '-') stdout.write(json);
  else if (values.json !== undefined) await writeFile(values.json, json);
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
}

const colors = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

function findingsText(findings: readonly DoctorFinding[], look: Look): string {
  const lines = findings.flatMap(({ level, title, seen, remedy }) => {
    const indented = (text: string): string[] =>
      wrap(printable(text), look.width - 10).map((line) => `          ${line}`);
    return [
      `${paint(level.padEnd(9), colors[level], look)} ${title}`,
      ...indented(seen),
      ...(remedy === '' ? [] : indented(`What to do: ${remedy}`)),
    ];
  });
  const count = (level: DoctorFinding['level']): string =>
    String(findings.filter((each) => each.level === level).length);
  return [...lines, '', `${count('problem')} problems, ${count('warning')} warnings, ${count('ok')} well`, ''].join(
    '\n',
  );
}
