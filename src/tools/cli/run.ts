import { remedyFor } from '../../contract/option-mistakes.js';
import { type Environment, UsageError } from './arguments.js';
import { runConformanceCommand } from './conformance/run.js';
import { runDoctorCommand } from './doctor/run.js';
import { runOpenApiCommand } from './openapi/run.js';
import { messageOf } from './error-message.js';
import { runReplay } from './simulate/replay.js';
import { runSimulateCommand } from './simulate/run.js';
import { version } from '../version.js';
import { printable } from './printable.js';
import { type CleanSurroundings, cleanSurroundings, type Surroundings } from './surroundings.js';

interface Command {
  readonly summary: string;
  run(args: readonly string[], surroundings: CleanSurroundings): Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  conformance: { summary: 'tests whether a SCIM 2.0 server conforms to the RFCs', run: runConformanceCommand },
  doctor: { summary: 'finds what prevents an identity provider from connecting', run: runDoctorCommand },
  simulate: {
    summary: 'simulates the client of an identity provider, such as entra or okta, or all',
    run: runSimulateCommand,
  },
  replay: { summary: 'repeats recorded requests, and compares the responses', run: runReplay },
  openapi: { summary: 'writes an OpenAPI document of a service, from its discovery endpoints', run: runOpenApiCommand },
};

const help = `express-scim COMMAND URL [options]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

Run express-scim COMMAND --help for the options of a command, express-scim --version for the version. The key of the service is read from SCIM_KEY.
`;

/**
 * Runs one command line.
 *
 * @returns the exit code: 0 when nothing failed, 1 when something did, 2 when the command could not run
 */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const clean = cleanSurroundings(surroundings, keysOf(args, surroundings.env));
  const { stdout, stderr } = clean;
  const [name, ...rest] = args;
  try {
    if (name === '--help' || name === '-h') {
      stdout.write(help);
      return 0;
    }
    if (name === '--version' || name === '-v') {
      stdout.write(`${version}\n`);
      return 0;
    }
    const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command !== undefined) return await command.run(rest, clean);
    if (name !== undefined && !name.startsWith('-')) {
      throw new UsageError(`There is no command ${printable(name)}: ${remedyFor(name, Object.keys(commands))}`);
    }
    throw new UsageError(
      `The command is missing: write express-scim ${Object.keys(commands).join(' URL or express-scim ')} URL.`,
    );
  } catch (error) {
    const message = messageOf(error) ?? 'a value that is not an Error was thrown';
    stderr.write(`express-scim: ${printable(message)}\n`);
    if (error instanceof UsageError) stderr.write('Try express-scim --help.\n');
    return 2;
  }
}

/** All keys of the command line and the environment. */
function keysOf(args: readonly string[], env: Environment): string[] {
  const optionValues = args.flatMap((arg, i) => {
    const option = /^--[a-z-]*key(?:=(.*))?$/s.exec(arg);
    return option === null ? [] : [option[1] ?? args[i + 1]];
  });
  return [...optionValues, env['SCIM_KEY'], env['SCIM_SECOND_KEY']].filter((key) => key !== undefined);
}
