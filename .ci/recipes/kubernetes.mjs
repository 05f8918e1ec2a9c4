// docs/deployment.md, "Kubernetes": the manifest against the schema of Kubernetes, and against the other files of the page.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import { check, same } from './checks.mjs';
import { fileOf } from './page.mjs';
import { freePort, listening, run, start, until } from './processes.mjs';

const manifest = fileOf('deployment.md', 'app.yaml');

const schemaVersion = 'v1.37.0-local-strict';
const unpack = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
archive.extractall(sys.argv[2], [name for name in archive.namelist() if '/${schemaVersion}/' in name])
`;

/** Needs no app. */
export async function checkManifest(folder) {
  await check('Kubernetes: the manifest is valid', async () => {
    const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
    const wheels = join(folder, 'wheels');
    // Schemas of all versions are in it: only those of one are unpacked.
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '-d', wheels];
    await run('python3', [...pip, '-r', requirements]);
    await run('python3', ['-c', unpack, join(wheels, readdirSync(wheels)[0]), folder]);
    const schemas = join(folder, 'kubernetes_validate/kubernetes-json-schema', schemaVersion);
    const read = (name) => JSON.parse(readFileSync(join(schemas, `${name}.json`), 'utf8'));

    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(read('_definitions'), '_definitions.json');
    const documents = parseAllDocuments(manifest).map((document) => document.toJS());
    same(
      documents.map(({ kind }) => kind),
      ['Deployment', 'Service'],
      'kinds',
    );
    for (const [i, name] of ['deployment-apps-v1', 'service-v1'].entries()) {
      const validate = ajv.compile({ $id: name, ...read(name) });
      if (!validate(documents[i])) throw new Error(`${name}: ${ajv.errorsText(validate.errors)}`);
    }
  });
}

export async function checkKubernetes({ app, env, cut, accept }) {
  await check(
    'Kubernetes: the probes exist, follow the database, and the grace period is longer than a shutdown',
    async () => {
      const [deployment] = parseAllDocuments(manifest).map((document) => document.toJS());
      const { terminationGracePeriodSeconds, containers } = deployment.spec.template.spec;
      const [{ startupProbe, livenessProbe, readinessProbe, ports, envFrom }] = containers;
      same([ports.length, envFrom.length], [1, 1], 'ports and secrets');

      const server = fileOf('deployment.md', 'server.mjs');
      const [drain, forced] = [
        /await sleep\(([\d_]+)\); \/\/ until the load/,
        /closeAllConnections\(\), ([\d_]+)\)/,
      ].map((pattern) => Number(pattern.exec(server)[1].replaceAll('_', '')) / 1_000);
      if (terminationGracePeriodSeconds < drain + forced + 5)
        throw new Error(`${terminationGracePeriodSeconds} s is too short`);

      const port = String(await freePort());
      const at = `http://127.0.0.1:${port}`;
      const process_ = start(process.execPath, ['server.mjs'], {
        cwd: app,
        env: { ...env, PORT: port, PUBLIC_URL: at },
      });
      await listening(`${at}/livez`, process_);
      for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
        same(httpGet.port, ports[0].containerPort, `port of ${httpGet.path}`);
        same((await fetch(at + httpGet.path)).status, 200, httpGet.path);
      }

      const statusOf = async (path) => (await fetch(at + path)).status;
      await cut();
      await until('/readyz returns 503 without the database', async () => (await statusOf('/readyz')) === 503);
      same(await statusOf('/livez'), 200, '/livez without the database');
      await accept();
      await until('/readyz returns 200 again', async () => (await statusOf('/readyz')) === 200);
      process_.child.kill('SIGKILL');
      await process_.ended;
    },
  );
}
