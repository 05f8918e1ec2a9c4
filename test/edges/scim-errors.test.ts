import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { NextFunction, Request, Response } from 'express';
import request from 'supertest';
import { scimErrors, ScimError, UnavailableError } from '../../src/index.js';
import { expresses } from '../http/app.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const withStatus = (properties: object): Error => Object.assign(new Error('a secret value'), properties);

describe.each(expresses)('scimErrors on %s', (_, make) => {
  /** Sends a request to an app whose handler throws. `next` are the errors that the app's own handler got. */
  async function send(
    thrown: unknown,
    options?: Parameters<typeof scimErrors>[0],
  ): Promise<{ response: request.Response; next: unknown[] }> {
    const next: unknown[] = [];
    const app = make();
    app.use((_req, _res, pass) => pass(thrown));
    app.use(scimErrors(options));
    app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
      next.push(error);
      res.status(500).send('the app’s own page');
    });
    return { response: await request(app).get('/scim/v2/Users'), next };
  }

  it.each([
    ['an Error', new Error('a bug')],
    ['a TypeError', new TypeError('x is not a function')],
    ['text', 'text'],
    ['an object', { code: 'P2002' }],
    ['a status of success', withStatus({ status: 200 })],
    ['a status as text', withStatus({ status: '400' })],
    ['a status that is none', withStatus({ status: 42 })],
    ['a ScimError of success', new ScimError(200, 'fine')],
  ])('%s goes to the next error handler of the app', async (_name, thrown) => {
    const { response, next } = await send(thrown);
    expect(next).toEqual([thrown]);
    expect(response.text).toBe('the app’s own page');
  });

  it.each([
    ['an Error', new Error('a secret value')],
    ['text', 'a secret value'],
  ])('%s goes to onError where there is one, and the client gets a 500 with the request ID', async (_name, thrown) => {
    const onError = jest.fn();
    const { response, next } = await send(thrown, { onError });
    expect(next).toEqual([]);
    const requestId = response.headers['x-request-id'];
    expect(onError).toHaveBeenCalledWith(thrown, expect.objectContaining({ method: 'GET' }), requestId);
    expect(response.status).toBe(500);
    expect(response.text).not.toContain('secret');
    expect(response.text).toContain(response.headers['x-request-id']);
  });

  it.each<[unknown, number, string]>([
    [withStatus({ status: 400, type: 'entity.parse.failed', body: '{' }), 400, 'cannot be read as JSON'],
    [withStatus({ status: 400, type: 'request.aborted', expose: true }), 400, 'cannot be read as JSON'],
    [withStatus({ status: 413, type: 'entity.too.large' }), 413, 'larger than this service accepts'],
    [withStatus({ status: 415, type: 'encoding.unsupported' }), 415, 'charset or encoding'],
    [withStatus({ status: 403 }), 403, 'Forbidden'],
    [withStatus({ statusCode: 404 }), 404, 'Not Found'],
    [withStatus({ status: 400 }), 400, 'Bad Request'],
    [Object.assign(new Error('Slow down.'), { status: 429, expose: true }), 429, 'Slow down.'],
    [new ScimError(409, 'Taken.', { scimType: 'uniqueness' }), 409, 'Taken.'],
  ])('%s keeps its status', async (thrown, status, detail) => {
    const onError = jest.fn();
    for (const options of [undefined, { onError }]) {
      const { response, next } = await send(thrown, options);
      expect(response.headers['content-type']).toMatch(/^application\/scim\+json/);
      expect(JSON.parse(response.text)).toMatchObject({
        status: String(status),
        detail: expect.stringContaining(detail),
      });
      expect(response.text).not.toContain('secret');
      expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(next).toEqual([]);
    }
    expect(onError).not.toHaveBeenCalled();
  });

  it('keeps headers that the client needs', async () => {
    const { response } = await send(withStatus({ status: 429, headers: { 'Retry-After': 7, 'X-Internal': 'a' } }));
    expect(response.headers['retry-after']).toBe('7');
    expect(response.headers).not.toHaveProperty('x-internal');
  });

  it.each([withStatus({ status: 500 }), withStatus({ status: 503 }), new UnavailableError(5)])(
    '%s is never silent',
    async (thrown) => {
      const log = jest.spyOn(console, 'error').mockReturnValue();
      const { response } = await send(thrown);
      expect(response.status).toBe((thrown as { status?: number }).status);
      expect(log).toHaveBeenCalledWith(expect.any(String), response.headers['x-request-id'], thrown);
      const onError = jest.fn();
      await send(thrown, { onError });
      expect(onError).toHaveBeenCalledTimes(1);
      expect(log).toHaveBeenCalledTimes(1);
    },
  );

  it('passes an error on after the response has started', async () => {
    const next: unknown[] = [];
    const app = make();
    app.use((_req, res, pass) => {
      res.write('x');
      pass(withStatus({ status: 400 }));
    });
    app.use(scimErrors({ onError: () => undefined }));
    app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
      next.push(error);
      res.end();
    });
    await request(app).get('/');
    expect(next).toHaveLength(1);
  });

  it.each([null, 'x', [], { onErrors: () => undefined }, { onError: 'x' }])('refuses the options %j', (options) => {
    expect(() => scimErrors(options as never)).toThrow(/^scimErrors: /);
  });
});
