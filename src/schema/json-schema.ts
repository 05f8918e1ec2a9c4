/**
 * The only file that imports Ajv. It is loaded on first use, because Ajv takes longer to load than the rest of the
 * library.
 */
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { isBase64, isDateTime } from './formats.js';

// Compiling takes milliseconds, and two routers often have the same schemas, so the results are cached. This is no
// BoundedMap: a compiled function keeps its Ajv alive, and Ajv keeps every schema that it has compiled. Both go at
// once.
const compiledSchemas = new Map<string, ValidateFunction>();
const mostCompiled = 100;
let ajv: Ajv | undefined;

/** Compiles a JSON Schema. Equal schemas are compiled once. */
export function compileSchema(schema: AnySchemaObject): ValidateFunction {
  const text = JSON.stringify(schema);
  const cached = compiledSchemas.get(text);
  if (cached !== undefined) return cached;
  if (ajv === undefined || compiledSchemas.size >= mostCompiled) {
    compiledSchemas.clear();
    ajv = createAjv();
  }
  const compiled = ajv.compile(schema);
  compiledSchemas.set(text, compiled);
  return compiled;
}

function createAjv(): Ajv {
  const created = new Ajv({
    strict: false,
    allErrors: false,
    ownProperties: true,
    messages: false,
    // The library generates the schemas. Checking them against the meta-schema takes as long as everything else here.
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
