import { defined, type JsonObject } from './attributes.js';
import { errorComponents, headerComponents, parameterComponents, schemaComponents } from './components.js';
import type { DescribedScheme, ServiceDescription } from './description.js';
import { pathItems } from './paths.js';

/**
 * An OpenAPI 3.1 document, as JSON.
 *
 * @example
 * import type { OpenApiDocument } from 'express-scim/openapi';
 *
 * export const pathsOf = (document: OpenApiDocument): string[] => Object.keys(document.paths);
 */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  readonly security: readonly JsonObject[];
  readonly tags: readonly JsonObject[];
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: JsonObject;
  readonly externalDocs?: JsonObject;
}

/** What a document says beside the description of the service. */
export interface DocumentInformation {
  readonly title: string;
  readonly version: string;
  readonly description?: string | undefined;
  /** URLs of the mount point. */
  readonly servers: readonly string[];
}

/** Writes the document of a service. */
export function writeDocument(service: ServiceDescription, information: DocumentInformation): OpenApiDocument {
  const { title, version, description, servers } = information;
  const paths = pathItems(service) as Readonly<Record<string, JsonObject>>;
  const securitySchemes = Object.fromEntries(
    service.schemes.map((scheme, index) => [`auth${String(index)}`, security(scheme)]),
  );
  const { documentationUri } = service;
  return {
    openapi: '3.1.0',
    info: defined({ title, version, description }),
    servers: servers.map((url) => ({ url })),
    // A list of alternatives.
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    tags: tagsOf(paths, service),
    paths,
    components: {
      schemas: schemaComponents(service),
      parameters: used('parameters', parameterComponents(service), paths),
      responses: used('responses', errorComponents, paths),
      headers: headerComponents,
      securitySchemes,
    },
    ...(documentationUri === undefined ? {} : { externalDocs: { url: documentationUri } }),
  };
}

/** Tags in the order of the paths; a resource type has its description. */
function tagsOf(paths: Readonly<Record<string, JsonObject>>, { types }: ServiceDescription): JsonObject[] {
  const names = new Set(
    Object.values(paths).flatMap((item) =>
      Object.values(item).flatMap((operation) => (operation as { readonly tags: readonly string[] }).tags),
    ),
  );
  return [...names].map((name) =>
    defined({ name, description: types.find((type) => type.name === name)?.description }),
  );
}

/** The components of a section that a path refers to. */
function used(section: string, components: JsonObject, paths: JsonObject): JsonObject {
  const text = JSON.stringify(paths);
  return Object.fromEntries(
    Object.entries(components).filter(([name]) => text.includes(`"#/components/${section}/${name}"`)),
  );
}

/** Authentication schemes of RFC 7643 5: those of OAuth send a bearer token, wherever the client has it from. */
function security({ type, name, description }: DescribedScheme): JsonObject {
  const described = description === '' ? name : description;
  switch (type) {
    case 'httpbasic':
      return { type: 'http', scheme: 'basic', description: described };
    case 'httpdigest':
      return { type: 'http', scheme: 'digest', description: described };
    case 'oauth':
      return { type: 'http', scheme: 'oauth', description: described };
    default:
      return { type: 'http', scheme: 'bearer', description: described };
  }
}
