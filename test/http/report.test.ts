import { describe, expect, it, jest } from '@jest/globals';
import { createReport, type HandledRequest } from '../../src/http/report.js';
import { RequestContext } from '../../src/operations/request-context.js';

function handled(properties: Partial<HandledRequest> = {}): HandledRequest {
  const ctx = new RequestContext({
    tenant: 'acme',
    actor: { id: 'key-1' },
    requestId: 'r',
    base: '',
    deadline: 0,
    activeQuirks: new Set(['op-case', 'boolean-as-string'] as const),
  });
  return {
    requestId: 'r',
    method: 'GET',
    url: '/Users?filter=x',
    userAgent: 'Okta SCIM Client 1.0.0',
    startedAt: performance.now(),
    ctx,
    target: undefined,
    status: 200,
    scimType: undefined,
    requestBody: { a: 1 },
    responseBody: { b: 2 },
    ...properties,
  };
}

describe('reports of a request', () => {
  it('go to onQuirk for each quirk, then to onExchange, then to onResponse', () => {
    const calls: unknown[] = [];
    const report = createReport({
      onQuirk: ({ quirk, client }) => calls.push(['quirk', quirk, client]),
      onExchange: ({ url, actor, request, response }) => calls.push(['exchange', url, actor?.id, request, response]),
      onResponse: ({ quirks, client, tenant }) => calls.push(['response', quirks, client, tenant]),
      onError: () => undefined,
    });
    const request = handled();
    request.ctx?.useQuirk('op-case');
    request.ctx?.useQuirk('boolean-as-string');
    report(request);
    expect(calls).toEqual([
      ['quirk', 'op-case', 'okta'],
      ['quirk', 'boolean-as-string', 'okta'],
      ['exchange', '/Users?filter=x', 'key-1', { a: 1 }, { b: 2 }],
      ['response', ['op-case', 'boolean-as-string'], 'okta', 'acme'],
    ]);
  });

  it('reach every hook although one throws, and onError gets what it throws', () => {
    const fault = new Error('log is full');
    const fail = (): never => {
      throw fault;
    };
    const onError = jest.fn();
    const report = createReport({ onQuirk: fail, onExchange: fail, onResponse: fail, onError });
    const request = handled();
    request.ctx?.useQuirk('op-case');
    report(request);
    expect(onError.mock.calls).toEqual([
      [fault, request.ctx, 'r', 'onQuirk'],
      [fault, request.ctx, 'r', 'onExchange'],
      [fault, request.ctx, 'r', 'onResponse'],
    ]);
  });

  it('name no quirk, tenant or actor of a client that was not authenticated', () => {
    const onQuirk = jest.fn();
    const onResponse = jest.fn();
    createReport({ onQuirk, onExchange: undefined, onResponse, onError: () => undefined })(
      handled({ ctx: undefined, status: 401 }),
    );
    expect(onQuirk).not.toHaveBeenCalled();
    expect(onResponse).toHaveBeenCalledWith(
      expect.objectContaining({ status: 401, tenant: undefined, actor: undefined, quirks: [] }),
    );
  });
});
