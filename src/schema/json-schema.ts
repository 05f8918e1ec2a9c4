/** The only file that imports Ajv, which takes longer to load than all of the library: it is itself loaded late. */
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { isBase64, isDateTime } from './formats.js';

// Compiling takes milliseconds, and two routers often have the same schemas. A memo of a pure function, bounded.
const memo = new Map<string, ValidateFunction>();
const memoSize = 100;
let ajv: Ajv | undefined;

/** A function that checks values against a JSON Schema; made once for equal schemas. */
export function compileSchema(schema: AnySchemaObject): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = memo.get(text);
  if (known !== undefined) return known;
  // A new compiler now and then: Ajv keeps every schema that it has compiled.
  if (ajv === undefined || memo.size >= memoSize) {
    memo.clear();
    ajv = createAjv();
  }
  const compiled = ajv.compile(schema);
  memo.set(text, compiled);
  return compiled;
}

function createAjv(): Ajv {
  const created = new Ajv({
    strict: false,
    allErrors: false,
    ownProperties: true,
    messages: false,
    // The schemas are made here: holding them against the meta-schema, which is compiled for it, takes as long as all else.
    meta: false,
    validateSchema: false,
  });
  formats.default(created, ['uri-reference']);
  created.addFormat('scim-dateTime', { type: 'string', validate: isDateTime });
  created.addFormat('scim-base64', { type: 'string', validate: isBase64 });
  created.addKeyword({
    keyword: 'closed',
    type: 'string',
    compile: (closed: { values: readonly string[]; caseExact: boolean }) => {
      const fold = (value: string): string => (closed.caseExact ? value : value.toLowerCase());
      const values = new Set(closed.values.map(fold));
      return (value: string) => values.has(fold(value));
    },
  });
  return created;
}
