import { connect } from 'node:net';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Administrator } from '../../src/admin/index.js';
import { expresses } from '../http/app.js';
import { as, manager, mount, type Panel, type PanelOptions, startPanel, until, user } from './panel.js';

let panel: Panel;
afterEach(() => panel.close());

/** Sends a request line as it is: clients and proxies normalize paths, attackers do not. */
function raw(target: string, headers = ''): Promise<string> {
  const { port } = new URL(panel.baseUrl);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`),
    );
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

const status = (response: string): number => Number(response.split(' ')[1]);

describe.each(expresses)('access to the settings panel on %s', (_, make) => {
  const start = async (options: PanelOptions = {}): Promise<Panel> => (panel = await startPanel(make, options));

  describe('a path that is no path of the panel', () => {
    it.each([
      '/\\[x',
      '/\\evil/api/connection',
      '//evil/api/connection',
      '/\\evil',
      '/%5Cevil/api/connection',
      '/./api/connection',
      '/api/../api/connection',
      '/api/%2e%2e/connection',
      '/log/%',
      '/%00',
      '/log/%ff',
      '/[',
      '/api/connection;x',
      `/${'/'.repeat(8_000)}x`,
    ])('is 403 without an administrator, and 404 with one: %s', async (path) => {
      await start();
      expect(status(await raw(mount + path, 'x-admin: nobody\r\n'))).toBe(403);
      expect(status(await raw(mount + path))).toBe(404);
    });

    it.each(['/api/connection/', '/api/connection?x=1#y', '/api/connection///'])(
      'is a path of the panel also with %s',
      async (path) => {
        await start();
        expect(status(await raw(mount + path))).toBe(200);
      },
    );
  });

  describe('what authorize returns', () => {
    const { user: name, may, seePersonalData } = manager;
    const malformed: readonly unknown[] = [
      ...[true, 1, 'ada', [], {}, () => manager, [manager]],
      ...[
        { may, seePersonalData },
        { user: '', may, seePersonalData },
        { user: 1, may, seePersonalData },
      ],
      ...[
        { user: name, seePersonalData },
        { user: name, may: 'admin', seePersonalData },
        { user: name, may: true },
      ],
      ...[
        { user: name, may },
        { user: name, may, seePersonalData: 'no' },
        { user: name, may, seePersonalData: 1 },
      ],
      ...[
        { ...manager, session: 7 },
        { ...manager, session: '' },
      ],
    ];

    it('is 403 where it is nothing', async () => {
      let returned: unknown;
      const errors: unknown[] = [];
      const onError = (error: unknown): number => errors.push(error);
      await start({ admin: { authorize: () => returned as Administrator, onError } });
      for (returned of [undefined, null, false, Promise.resolve(null)]) {
        expect((await panel.get('/api/connection')).status).toBe(403);
      }
      expect(errors).toEqual([]);
    });

    it('is 403 where it is no administrator, and the host is told', async () => {
      let returned: unknown;
      const errors: unknown[] = [];
      const onError = (error: unknown): number => errors.push(error);
      await start({ admin: { authorize: () => returned as Administrator, onError } });
      for (const each of malformed) {
        for (returned of [each, Promise.resolve(each)]) {
          const { status: code, text } = await panel.get('/api/connection');
          expect([JSON.stringify(each), code]).toEqual([JSON.stringify(each), 403]);
          expect(text).not.toContain('csrf');
        }
      }
      expect(errors).toHaveLength(2 * malformed.length);
      expect(String(errors[0])).toContain('authorize must return { user, may, seePersonalData }');
    });

    it('may have a session of null', async () => {
      await start({ admin: { authorize: () => ({ ...manager, session: null }) as never } });
      expect((await panel.post('/status', { enabled: 'true' })).status).toBe(303);
    });
  });

  it.each([
    [undefined],
    [null],
    ['a'],
    [{}],
    [{ tenant: '' }],
    [{ tenant: undefined, id: 'default' }],
    [{ tenant: 7 }],
    [{ tenant: 'a', id: '' }],
    [{ tenant: 'a', name: {} }],
    [{ tenant: 'x'.repeat(101) }],
  ])('is refused where connectionOf returns %j', async (returned) => {
    await start({ admin: { connectionOf: () => returned as never } });
    expect((await panel.get('/api/connection')).status).toBe(403);
    expect((await panel.get('/log/stream')).status).toBe(403);
  });

  describe('a live log', () => {
    interface Stream {
      readonly res: IncomingMessage;
      text: string;
      ended: boolean;
    }
    const open = (headers: Record<string, string> = {}): Promise<Stream> =>
      new Promise((resolve, reject) => {
        const url = panel.baseUrl.replace('/scim/v2', `${mount}/log/stream`);
        const req = httpGet(url, { headers }, (res) => {
          const stream: Stream = { res, text: '', ended: false };
          res.on('data', (chunk: Buffer) => (stream.text += chunk.toString()));
          res.on('close', () => (stream.ended = true));
          res.on('error', () => undefined);
          resolve(stream);
        });
        req.on('error', reject);
      });
    const ended = (stream: Stream): Promise<void> => until(() => stream.ended);

    it('ends when the administrator signs out or loses a right, and shows nothing more', async () => {
      const after: Readonly<Record<string, () => Administrator | undefined>> = {
        'signs out': () => undefined,
        'may no longer see personal data': () => ({ ...manager, seePersonalData: false }),
        'is somebody else': () => ({ ...manager, session: 's2' }),
        'cannot be told': () => {
          throw new Error('no session store');
        },
      };
      let isOver = false;
      const authorize = (req: IncomingMessage): Administrator | undefined =>
        isOver ? after[String(req.headers['x-case'])]?.() : manager;
      await start({ admin: { authorize } });
      await panel.post('/status', { enabled: 'true' });
      const { key } = await panel.key();
      const streams = await Promise.all(Object.keys(after).map((each) => open({ 'x-case': each })));
      await panel.scim('post', '/Users', key, user('before@example.com'));
      await until(() => streams.every(({ text }) => text.includes('before@example.com')));
      isOver = true;
      for (const stream of streams) await ended(stream);
      await panel.scim('post', '/Users', key, user('after@example.com'));
      for (const { text } of streams) expect(text).not.toContain('after@example.com');
    });

    it('has a limit for each tenant', async () => {
      const connectionOf = (req: IncomingMessage) => ({ tenant: String(req.headers['x-tenant'] ?? 'default') });
      await start({ admin: { connectionOf } });
      const streams = await Promise.all(Array.from({ length: 20 }, () => open()));
      expect(streams.map(({ res }) => res.statusCode)).toEqual(streams.map(() => 200));
      expect((await panel.get('/log/stream')).status).toBe(503);
      const other = await open({ 'x-tenant': 'b' });
      expect(other.res.statusCode).toBe(200);
      streams[0]?.res.destroy();
      await until(async () => {
        const again = await open();
        const isOpen = again.res.statusCode === 200;
        if (!isOpen) again.res.destroy();
        return isOpen;
      });
    });

    it('sends no body for HEAD', async () => {
      await start();
      const { port } = new URL(panel.baseUrl);
      const response = await fetch(`http://127.0.0.1:${port}${mount}/log/stream`, { method: 'HEAD' });
      expect([response.status, await response.text()]).toEqual([200, '']);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    });

    it('is refused without an administrator', async () => {
      await start();
      expect((await open(as('nobody'))).res.statusCode).toBe(403);
    });
  });
});
