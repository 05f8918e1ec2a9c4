import { isObject, type JsonObject, type JsonValue, parseJson, type Step, valueAt } from './json.js';

/** One HTTP response as a SCIM client sees it. */
export interface HttpResponse {
  /** `POST /Users`, for messages. */
  readonly request: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body as received. */
  readonly text: string;
  /** The body as a JSON object; `{}` when it is none. */
  readonly body: JsonObject;
  /** `id` of the resource in the body, `''` without one. */
  readonly id: string;
  /** `Resources` of a ListResponse, `[]` without one. */
  readonly resources: readonly JsonObject[];
  /** From sending the request to the last byte of the body. */
  readonly milliseconds: number;
  /** The value at a path: `response.get('emails', 0, 'value')`. */
  get(...path: readonly Step[]): JsonValue | undefined;
  /** The objects of the list at a path: `response.list('members').map((member) => member['value'])`. */
  list(...path: readonly Step[]): readonly JsonObject[];
}

/** What a response is read from. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly milliseconds: number;
}

export function readResponse(request: string, received: Received): HttpResponse {
  const parsed = parseJson(received.text);
  const body = isObject(parsed) ? parsed : {};
  const { id } = body;
  const list = (...path: readonly Step[]): readonly JsonObject[] => {
    const value = valueAt(body, path);
    return Array.isArray(value) ? value.filter(isObject) : [];
  };
  return {
    request,
    ...received,
    body,
    id: typeof id === 'string' ? id : '',
    resources: list('Resources'),
    list,
    get: (...path) => valueAt(body, path),
  };
}

/** `400 invalidValue`, for messages: status and scimType only, no value of a resource. */
export function describeStatus(response: HttpResponse): string {
  const scimType = response.get('scimType');
  return typeof scimType === 'string' && /^\w{1,40}$/.test(scimType)
    ? `${String(response.status)} ${scimType}`
    : String(response.status);
}
