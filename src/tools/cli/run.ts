import { UsageError } from './arguments.js';
import { runConformanceCommand } from './conformance/run.js';
import { runDoctorCommand } from './doctor/run.js';
import { messageOf } from './error-message.js';
import { runReplay } from './simulate/replay.js';
import { runSimulateCommand } from './simulate/run.js';
import type { Surroundings } from './surroundings.js';
import { printable } from './table.js';

interface Command {
  readonly summary: string;
  run(args: readonly string[], surroundings: Surroundings): Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  conformance: { summary: 'finds out how far a SCIM 2.0 server keeps the RFCs', run: runConformanceCommand },
  doctor: { summary: 'finds what stands between an identity provider and a server', run: runDoctorCommand },
  simulate: {
    summary: 'plays the life of an identity provider, such as entra or okta, or of all',
    run: runSimulateCommand,
  },
  replay: { summary: 'plays recorded requests of an identity provider from files', run: runReplay },
};

const help = `express-scim COMMAND URL [options]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

express-scim COMMAND --help shows the options of a command. The key of the service is read from SCIM_KEY.
`;

/**
 * Runs one command line.
 *
 * @returns the exit code: 0 nothing failed, 1 something failed, 2 it could not run
 */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings;
  const [name, ...rest] = args;
  try {
    if (name === '--help' || name === '-h') {
      stdout.write(help);
      return 0;
    }
    const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command !== undefined) return await command.run(rest, surroundings);
    throw new UsageError(
      `The command is missing: write express-scim ${Object.keys(commands).join(' URL or express-scim ')} URL.`,
    );
  } catch (error) {
    const message = messageOf(error) ?? 'something that is no error was thrown';
    stderr.write(`express-scim: ${printable(withoutKeys(message, args, surroundings))}\n`);
    if (error instanceof UsageError) stderr.write('Try express-scim --help.\n');
    return 2;
  }
}

/** A server may say in its answers what was in the request. */
function withoutKeys(text: string, args: readonly string[], { env }: Surroundings): string {
  const given = args.flatMap((arg, i) => {
    const option = /^--[a-z-]*key(?:=(.*))?$/s.exec(arg);
    return option === null ? [] : [option[1] ?? args[i + 1]];
  });
  const keys = [...given, env['SCIM_KEY'], env['SCIM_SECOND_KEY']].filter((key) => key !== undefined && key !== '');
  return keys.reduce<string>((rest, key) => rest.replaceAll(String(key), '[key]'), text);
}
