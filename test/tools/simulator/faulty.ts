/** A request on its way to the server. */
export interface Asked {
  readonly method: string;
  /** Below the base URL, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** A response of the server, before it is sent. */
export interface Given {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** One fault of a server, put into what goes in and out. */
export interface Fault {
  /** Responds instead of the server; undefined passes the request on. */
  readonly response?: (asked: Asked) => Given | undefined;
  readonly rewrite?: (asked: Asked) => Partial<Asked> | undefined;
  readonly change?: (asked: Asked, given: Given) => Partial<Given> | undefined;
}

export function refusal(status: number, scimType?: string, headers: Given['headers'] = {}): Given {
  return {
    status,
    headers: { 'content-type': 'application/scim+json', ...headers },
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), scimType },
  };
}

export const done: Given = { status: 204, headers: {}, body: undefined };

export interface Operation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

export function operationsOf({ method, body }: Asked): readonly Operation[] {
  return method === 'PATCH' ? ((body?.['Operations'] ?? []) as readonly Operation[]) : [];
}

/** The request with other operations. */
export function withOperations({ body }: Asked, Operations: readonly Operation[]): Partial<Asked> {
  return { body: { ...body, Operations } };
}

/** Every `step`-th time that it is asked. */
export const everyNth = (step: number): (() => boolean) => {
  let count = 0;
  return () => ++count % step === 0;
};

/** The same change for one resource and for those of a list. */
export function eachResource(
  given: Given,
  change: (resource: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Partial<Given> {
  const { body } = given;
  if (body === undefined || given.status >= 300) return {};
  const list = body['Resources'];
  if (!Array.isArray(list)) return { body: change(body) };
  return { body: { ...body, Resources: list.map((resource: Readonly<Record<string, unknown>>) => change(resource)) } };
}

export function without<T extends object>(object: T, name: string): T {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== name)) as T;
}

/** A fetch that goes to the server through a fault. */
export function faulty(baseUrl: string, { response, rewrite, change }: Fault): typeof fetch {
  return async (input, init = {}) => {
    const asked: Asked = {
      method: init.method ?? 'GET',
      path: String(input).slice(baseUrl.length),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : undefined,
    };
    const own = response?.(asked);
    if (own !== undefined) return toResponse(own);
    const request = { ...asked, ...rewrite?.(asked) };
    const sent = await fetch(baseUrl + request.path, {
      ...init,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await sent.text();
    const given: Given = {
      status: sent.status,
      headers: without(Object.fromEntries(sent.headers), 'content-length'),
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
    };
    return toResponse({ ...given, ...change?.(request, given) });
  };
}

function toResponse({ status, headers, body }: Given): Response {
  return new Response(body === undefined || status === 204 ? null : JSON.stringify(body), { status, headers });
}
