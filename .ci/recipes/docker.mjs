// docs/deployment.md, "Docker": the steps of the Dockerfile, in a folder instead of an image.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, same } from './checks.mjs';
import { scim, user } from './clients.mjs';
import { fileOf } from './page.mjs';
import { freePort, listening, run, start } from './processes.mjs';
import { npmCache } from './project.mjs';

const isRoot = process.getuid() === 0;

export async function checkDocker({ folder, app, env, key }) {
  await check(
    'Docker: the steps build an app, which runs as process 1 without rights of root, and SIGTERM ends it with 0',
    async () => {
      // Next to the app, so that the packed package of package-lock.json is found.
      const image = join(folder, 'image');
      const variables = { npm_config_cache: npmCache(folder), npm_config_prefer_offline: 'true' };
      const state = { env: {}, user: undefined, exposed: undefined, command: undefined };
      for (const [, instruction, rest] of fileOf('deployment.md', 'Dockerfile').matchAll(/^([A-Z]+) (.*)$/gm)) {
        await steps[instruction](rest, { app, image, variables, state });
      }
      same(state.user, 'node', 'user');

      const port = String(await freePort());
      const at = `http://127.0.0.1:${port}`;
      same(state.exposed, state.env.PORT, 'EXPOSE and PORT');
      const server = start(...asProcess1(state.command), {
        cwd: image,
        env: { ...env, ...state.env, PORT: port, PUBLIC_URL: at },
      });
      await listening(`${at}/readyz`, server);
      const created = await scim(`${at}/api/scim/v2/Users`, key, 'POST', user('docker'));
      same(created.status, 201, 'status of a creation');
      process.kill(isRoot ? onlyChildOf(server.pid) : server.pid, 'SIGTERM');
      same(await server.ended, 0, 'exit code');
    },
  );
}

/** What each instruction does, in a folder. An unknown one is a TypeError. */
const steps = {
  FROM(image) {
    if (!/^node:\d+-slim$/.test(image)) throw new Error(`FROM ${image}`);
  },
  WORKDIR: (_, { image }) => mkdirSync(image),
  COPY(rest, { app, image }) {
    const sources = rest.split(' ');
    const target = join(image, sources.pop());
    const ignored = readFileSync(join(app, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => join(app, line));
    for (const source of sources) {
      cpSync(join(app, source), source === '.' ? target : join(target, source), {
        recursive: true,
        filter: (path) => !ignored.some((each) => path === each || path.startsWith(`${each}/`)),
      });
    }
  },
  RUN: (command, { image, variables }) => run('sh', ['-c', command], { cwd: image, env: variables }),
  ENV(rest, { state }) {
    Object.assign(state.env, Object.fromEntries(rest.split(' ').map((each) => each.split('='))));
  },
  USER(name, { state }) {
    state.user = name;
  },
  EXPOSE(port, { state }) {
    state.exposed = port;
  },
  CMD(command, { state }) {
    state.command = JSON.parse(command);
  },
};

/** As root: the first process of its namespace, as in a container, as a user without rights. */
function asProcess1([command, ...args]) {
  if (!isRoot) return [command, args];
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs'];
  return ['unshare', ['--pid', '--fork', 'setpriv', ...nobody, '--', command, ...args]];
}

function onlyChildOf(pid) {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}
