// `npm start`: starts the asset tracker.
import { readConfiguration } from './configuration.js';
import { createLog } from './log.js';
import { panelPath } from './provisioning.js';
import { startServer } from './start.js';

const configuration = orExit(() => readConfiguration(process.env));
const log = createLog(configuration);
const { address, email, password, stop } = await startServer(configuration, log).catch(orExplain);
const at = configuration.publicUrl ?? address;

if (configuration.logFormat === 'text') {
  console.log(`
  Address            ${at}
  Sign in as         ${email}
  Password           ${configuration.adminPassword === undefined ? `${password}   (generated at this start; set ADMIN_PASSWORD to choose one)` : 'the value of ADMIN_PASSWORD'}

  Provisioning       ${at}${panelPath}
                     Choose Enabled, create a key, and enter it in your identity provider with
                     the base URL ${at}/scim/v2
  Data               ${configuration.databaseUrl === undefined ? configuration.databaseFile : 'PostgreSQL (DATABASE_URL)'}
`);
} else {
  const generated = configuration.adminPassword === undefined ? { generatedPassword: password } : {};
  log.info('ready', { address: at, panel: at + panelPath, connector: `${at}/scim/v2`, email, ...generated });
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
        log.error('could not stop cleanly', { error });
        process.exit(1);
      },
    );
  });
}

/** Logs why the server could not start: as a sentence for common errors. */
function orExplain(error: unknown): never {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown };
  const port = String(configuration.port);
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is already in use. Stop the other process, or choose another port with PORT.`,
    EACCES: `This user may not listen on port ${port}. Choose a port above 1023 with PORT.`,
    EADDRNOTAVAIL: `${configuration.host} is not an address of this machine. Change HOST.`,
    ECONNREFUSED: 'The database refuses connections. Check that it is running at DATABASE_URL.',
    ENOTFOUND: 'The host name of the database cannot be resolved. Check DATABASE_URL.',
    '28P01': 'The database does not accept the password. Check DATABASE_URL.',
    '3D000': 'The database in DATABASE_URL does not exist. Create it.',
  };
  const sentence = typeof code === 'string' ? sentences[code] : undefined;
  log.error('could not start', { error: sentence ?? error });
  process.exit(1);
}

/** Prints a configuration error as a message, without a stack trace. */
function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
