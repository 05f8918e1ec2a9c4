// `npm start`: an asset tracker whose members an identity provider provisions.
import { readConfiguration } from './configuration.js';
import { createLog } from './log.js';
import { panelPath } from './provisioning.js';
import { startServer } from './start.js';

const configuration = orEnd(() => readConfiguration(process.env));
const log = createLog(configuration);
const { address, email, password, stop } = await startServer(configuration, log);
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

/** What is wrong with the environment is a sentence for people, not a crash. */
function orEnd<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
