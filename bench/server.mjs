// Starts a server of bench/servers in a process of its own, and asks it over one keep-alive connection.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

export const key = 'bench-key-of-some-length';

/** @returns {Promise<{ send(method: string, path: string, body?: object): Promise<any>, memory(): Promise<number>, processor(): Promise<number>, stop(): Promise<void>, baseUrl: string }>} */
export async function startServer(name) {
  const file = fileURLToPath(new URL(`./servers/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', file], {
    env: { ...process.env, SCIM_KEY: key, PORT: '0', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { baseUrl } = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    child.stdout.once('data', (line) => resolve(JSON.parse(String(line))));
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' };
  const ask = (figure) =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send(figure);
    });
  return {
    baseUrl,
    /** Bytes in use on the heap, without garbage. */
    memory: () => ask('memory'),
    /** Microseconds of processor time that the process has used so far. */
    processor: () => ask('processor'),
    send: (method, path, body) =>
      new Promise((resolve, reject) => {
        const payload = body === undefined ? undefined : JSON.stringify(body);
        const length = payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) };
        const request = http.request(
          baseUrl + path,
          { method, agent, headers: { ...headers, ...length } },
          (response) => {
            let text = '';
            response.setEncoding('utf8');
            response.on('data', (chunk) => (text += chunk));
            response.on('end', () => {
              if (response.statusCode >= 400)
                reject(new Error(`${method} ${path} returned ${response.statusCode}: ${text}`));
              else resolve(text === '' ? undefined : JSON.parse(text));
            });
          },
        );
        request.on('error', reject);
        request.end(payload);
      }),
    stop: () =>
      new Promise((resolve) => {
        agent.destroy();
        child.removeAllListeners('exit').once('exit', resolve);
        child.kill();
      }),
  };
}
