import { runCli } from '../../../src/tools/cli/run.js';

/** The commands, in the order of the help. */
const commands = ['doctor', 'simulate', 'conformance', 'replay', 'openapi'] as const;

const uses: Readonly<Record<(typeof commands)[number], string>> = {
  doctor: 'Finds what stops an identity provider from reaching your service. Run it first.',
  simulate: 'Simulates the client of an identity provider, and shows which of its requests fail.',
  conformance: 'Tests a server against the RFCs, and writes a report.',
  replay: 'Repeats recorded requests, for a regression test.',
  openapi: 'Writes an OpenAPI document of a service, from its discovery endpoints.',
};

/** What a command line prints. */
async function outputOf(args: readonly string[]): Promise<string> {
  let text = '';
  const stream = { write: (chunk: string) => void (text += chunk) };
  await runCli(args, { env: {}, stdout: stream, stderr: stream });
  return text.trimEnd();
}

/** The options that a help text names. */
export function optionsIn(help: string): readonly string[] {
  return [
    ...new Set([...help.matchAll(/^ {2}(--[a-z-]+)|, (--[a-z-]+) FILE/gm)].map((match) => match[1] ?? match[2] ?? '')),
  ];
}

/** The help of each command. */
export async function helpTexts(): Promise<readonly (readonly [string, string])[]> {
  return Promise.all(commands.map(async (name) => [name, await outputOf([name, '--help'])] as const));
}

/** docs/reference/command-line.md */
export async function commandLinePage(): Promise<string> {
  const texts = await helpTexts();
  return `<!-- Written by \`npm run reference\` from the help of each command. -->

# Command line

\`express-scim\` tests any SCIM 2.0 server over HTTP, including servers that do not use this library. It needs no installation:
\`npx express-scim COMMAND URL\`.

Give the key as \`SCIM_KEY\` in the environment, so that it stays out of the shell history. No command prints a key. Every command
exits with 0 if nothing failed, 1 if something did, and 2 if it could not run.

| command | what it does |
| --- | --- |
${commands.map((name) => `| [\`${name}\`](#${name}) | ${uses[name]} |`).join('\n')}

${texts.map(([name, help]) => `## ${name}\n\n${uses[name as (typeof commands)[number]]}\n\n\`\`\`text\n${help}\n\`\`\``).join('\n\n')}

The same functions are in [express-scim/conformance](express-scim-conformance.md), to call from your own tests.
`;
}
