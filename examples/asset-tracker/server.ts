// `npm start`: an asset tracker whose members an identity provider provisions.
import { readConfiguration } from './configuration.js';
import { createLog } from './log.js';
import { panelPath } from './provisioning.js';
import { startServer } from './start.js';

const configuration = orEnd(() => readConfiguration(process.env));
const log = createLog(configuration);
const { address, email, password, stop } = await startServer(configuration, log).catch(orExplain);
const at = configuration.publicUrl ?? address;

if (configuration.logFormat === 'text') {
  console.log(`
  Stockroom is at    ${at}
  Sign in as         ${email}
  Password           ${configuration.adminPassword === undefined ? `${password}   (made at this start; set ADMIN_PASSWORD to keep one)` : 'as ADMIN_PASSWORD says'}

  Where to look      ${at}${panelPath}
                     Choose Enabled, create a key, and give it to your identity provider with
                     ${at}/scim/v2
  Data               ${configuration.databaseUrl === undefined ? configuration.databaseFile : 'PostgreSQL, as DATABASE_URL says'}
`);
} else {
  const made = configuration.adminPassword === undefined ? { password } : {};
  log.info('ready', { address: at, panel: at + panelPath, connector: `${at}/scim/v2`, email, ...made });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info('stopping', { signal });
    stop().then(
      () => {
        log.info('stopped');
        process.exitCode = 0;
      },
      (error: unknown) => {
        log.error('could not stop in order', { error });
        process.exit(1);
      },
    );
  });
}

/** What keeps it from starting, and has a name. */
function orExplain(error: unknown): never {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown };
  const port = String(configuration.port);
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: `Something else listens on port ${port} already: end it, or choose another with PORT.`,
    EACCES: `Port ${port} is not open to this user: choose one above 1023 with PORT.`,
    EADDRNOTAVAIL: `${configuration.host} is no address of this machine: change HOST.`,
    ECONNREFUSED: 'The database does not answer: is it running where DATABASE_URL says?',
    ENOTFOUND: 'The host of the database is not known: look at DATABASE_URL.',
    '28P01': 'The database does not accept the password: look at DATABASE_URL.',
    '3D000': 'The database that DATABASE_URL names does not exist: create it.',
  };
  const sentence = typeof code === 'string' ? known[code] : undefined;
  log.error('could not start', { error: sentence ?? error });
  process.exit(1);
}

/** What is wrong with the environment is a sentence for users, not a crash. */
function orEnd<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
