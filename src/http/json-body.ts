/** JSON as it is written to the socket; `length` is in bytes. */
export interface JsonBody {
  readonly data: string | Uint8Array;
  readonly length: number;
  /** For text: latin1 where all of it is ASCII. Both encodings write ASCII the same, and latin1 needs no conversion. */
  readonly encoding: 'latin1' | 'utf8';
}

/** How many resources of a list are serialized at a time. */
const chunkSize = 32;

/** Above this number of characters bytes are cheaper than text, which Node copies once more. */
const longText = 8_192;

/**
 * Serializes the body of a response.
 *
 * A long list is serialized in chunks: V8 allocates a string of more than 128 KiB in its large object space, and at that
 * size a page of 100 users took a fifth more time in all (Node 20).
 */
export function toJson(body: object): JsonBody {
  if ('Resources' in body && Array.isArray(body.Resources) && body.Resources.length > chunkSize) {
    const { Resources: resources, ...rest } = body as { readonly Resources: readonly unknown[] };
    return toBytes(listTexts(rest, resources));
  }
  const text = JSON.stringify(body);
  if (text.length > longText) return toBytes([text]);
  const length = Buffer.byteLength(text);
  return { data: text, length, encoding: length === text.length ? 'latin1' : 'utf8' };
}

/** The JSON of a list in pieces. `rest`, its other members, is never empty: it holds `schemas`. */
function listTexts(rest: object, resources: readonly unknown[]): string[] {
  const texts = [`${JSON.stringify(rest).slice(0, -1)},"Resources":[`];
  for (let at = 0; at < resources.length; at += chunkSize) {
    if (at > 0) texts.push(',');
    texts.push(JSON.stringify(resources.slice(at, at + chunkSize)).slice(1, -1));
  }
  texts.push(']}');
  return texts;
}

function toBytes(texts: readonly string[]): JsonBody {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  // Nearly every response is ASCII: encoding as if it were, and again if not, is cheaper than counting the bytes first.
  const data =
    encode(texts, characters) ??
    encode(
      texts,
      texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    );
  if (data === undefined) throw new Error('The JSON takes more bytes than were counted.');
  return { data, length: data.length, encoding: 'utf8' };
}

const encoder = new TextEncoder();

/** Encodes the texts into `length` bytes; undefined where they do not fit. */
function encode(texts: readonly string[], length: number): Uint8Array | undefined {
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const text of texts) {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(at));
    if (read < text.length) return undefined;
    at += written;
  }
  return bytes;
}
