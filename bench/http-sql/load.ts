// A load generator over raw sockets: it costs little processor time beside the servers, and ends a round when the last
// response has arrived, so that no request runs into the round of another server. Connections stay open from one round
// to the next, as those of identity providers do: else short rounds would measure how servers accept connections.
import net from 'node:net';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
  /** Called with the body of the response. */
  readonly onResponse?: ((body: string) => void) | undefined;
}

/** Where a server listens, and its connector key. */
export interface Target {
  readonly port: number;
  readonly key: string;
}

export interface LoadOptions {
  /** No request starts after this time, or after this many requests. */
  readonly milliseconds: number;
  readonly most?: number | undefined;
  next(): WireRequest;
}

export interface LoadResult {
  /** Milliseconds of each request. */
  readonly times: readonly number[];
  /** From the first request to the last response. */
  readonly milliseconds: number;
}

/** Open connections to a server. */
export interface Connections {
  readonly all: readonly Connection[];
  close(): void;
}

export async function openConnections(target: Target, count: number): Promise<Connections> {
  const all = await Promise.all(Array.from({ length: count }, () => connect(target)));
  return { all, close: () => all.forEach((each) => each.close()) };
}

/** Sends requests over each of the connections, one after the other. @throws Error at the first response that is no success */
export async function load({ all }: Connections, options: LoadOptions): Promise<LoadResult> {
  const { milliseconds, most = Infinity } = options;
  const times: number[] = [];
  let started = 0;
  let hasFailed = false;
  const began = performance.now();
  const lanes = await Promise.allSettled(
    all.map(async (connection) => {
      try {
        while (!hasFailed && started < most && performance.now() - began < milliseconds) {
          started++;
          const request = options.next();
          const sent = performance.now();
          const body = await connection.send(request);
          times.push(performance.now() - sent);
          request.onResponse?.(body);
        }
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }),
  );
  // All connections have stopped: a failure leaves no request behind that would run into the turn of another server.
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
  return { times, milliseconds: performance.now() - began };
}

/** Sends one request. @returns the body of the response */
export async function sendOnce(target: Target, request: WireRequest): Promise<string> {
  const connection = await connect(target);
  try {
    return await connection.send(request);
  } finally {
    connection.close();
  }
}

interface Connection {
  send(request: WireRequest): Promise<string>;
  close(): void;
}

interface Pending {
  readonly request: WireRequest;
  resolve(body: string): void;
  reject(error: Error): void;
}

const timeoutMilliseconds = 120_000;

async function connect({ port, key }: Target): Promise<Connection> {
  const socket = net.connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Error('The server did not respond.')));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const headers = `Host: 127.0.0.1:${String(port)}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/scim+json\r\n`;
  let pending: Pending | undefined;
  let head: { readonly status: number; readonly length: number } | undefined;
  let received: Buffer[] = [];
  let bytes = 0;

  socket.on('data', (chunk) => {
    received.push(chunk);
    bytes += chunk.length;
    if (head === undefined) {
      const text = Buffer.concat(received);
      const end = text.indexOf('\r\n\r\n');
      if (end === -1) return;
      head = readHead(text.toString('latin1', 0, end));
      received = [text.subarray(end + 4)];
      bytes = text.length - end - 4;
    }
    if (bytes >= head.length) finish(head.status);
  });
  socket.on('error', (error) => pending?.reject(error));
  socket.on('close', () => pending?.reject(new Error('The server closed the connection.')));

  function finish(status: number): void {
    const body = Buffer.concat(received).toString('utf8');
    const done = pending;
    [pending, head, received, bytes] = [undefined, undefined, [], 0];
    if (done === undefined) return;
    const { method, path } = done.request;
    if (status >= 300) done.reject(new Error(`${method} ${path} returned ${String(status)}: ${body.slice(0, 500)}`));
    else done.resolve(body);
  }

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        pending = { request, resolve, reject };
        const { method, path, body = '' } = request;
        const length = body === '' && method === 'GET' ? '' : `Content-Length: ${String(Buffer.byteLength(body))}\r\n`;
        socket.write(`${method} /scim/v2${path} HTTP/1.1\r\n${headers}${length}\r\n${body}`);
      }),
    close: () => {
      pending = undefined;
      socket.destroy();
    },
  };
}

function readHead(text: string): { readonly status: number; readonly length: number } {
  const status = Number(text.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  if (length === undefined && status !== 204)
    throw new Error(`A response with ${String(status)} has no Content-Length.`);
  return { status, length: Number(length ?? 0) };
}
