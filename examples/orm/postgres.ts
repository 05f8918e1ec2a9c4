// PostgreSQL inside this process, at a URL that every driver can connect to. It serves one connection at a time.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';

/** A running PostgreSQL. */
export interface LocalPostgres {
  readonly url: string;
  /** Close all connections before. */
  close(): Promise<void>;
}

/** Starts PostgreSQL with an empty database in memory. A second connection waits until the first one is closed. */
export async function startPostgres(): Promise<LocalPostgres> {
  const database = await PGlite.create();
  let free: Promise<void> = Promise.resolve();
  const server = createServer((socket) => {
    free = free.then(() => serve(database, socket)).catch(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://postgres@127.0.0.1:${String(port)}/postgres`,
    async close() {
      server.close();
      await free;
      await database.close();
    },
  };
}

/** Executes the messages of a client in their order, until it closes the connection. */
async function serve(database: PGlite, socket: Socket): Promise<void> {
  let received = Buffer.alloc(0);
  // Only the first message has no type before its length.
  let typeLength = 0;
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      let end = 0;
      while (received.length >= end + typeLength + 4) {
        if (typeLength === 1 && received[end] === terminate) return;
        const next = end + typeLength + received.readInt32BE(end + typeLength);
        if (received.length < next) break;
        end = next;
        typeLength = 1;
      }
      if (end > 0) socket.write(await database.execProtocolRaw(received.subarray(0, end)));
      received = received.subarray(end);
    }
  } finally {
    socket.end();
    // What a client leaves open must not reach the next one.
    await database.exec('rollback');
    await database.exec('discard all');
  }
}

const terminate = 'X'.charCodeAt(0);
