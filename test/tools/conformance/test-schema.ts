import type { SchemaDefinition } from '../../../src/index.js';

/** An extension of User with attributes of every type, mutability, returned and uniqueness, for the conformance tests to find. */
export const testExtension: SchemaDefinition = {
  id: 'urn:example:params:scim:schemas:extension:conformance:2.0:User',
  name: 'ConformanceUser',
  description: 'One attribute for each characteristic that RFC 7643 7 names.',
  attributes: [
    { name: 'plain' },
    { name: 'exact', caseExact: true, description: 'Compared with regard to case.' },
    { name: 'flag', type: 'boolean', description: 'True or false.' },
    { name: 'whole', type: 'integer', description: 'A whole number.' },
    { name: 'fraction', type: 'decimal', description: 'A number.' },
    { name: 'moment', type: 'dateTime', description: 'Date and time.' },
    { name: 'bytes', type: 'binary', caseExact: true, description: 'Base64.' },
    { name: 'link', type: 'reference', referenceTypes: ['external'], caseExact: true, description: 'A URI.' },
    { name: 'shade', canonicalValues: ['light', 'dark'], closed: true, description: 'One of two.' },
    { name: 'once', mutability: 'immutable', description: 'Set once.' },
    { name: 'computed', mutability: 'readOnly', description: 'Set by the host.' },
    { name: 'secret', mutability: 'writeOnly', returned: 'never', description: 'Taken and never given.' },
    { name: 'hidden', returned: 'never', description: 'Never given.' },
    { name: 'constant', returned: 'always', description: 'Always given.' },
    { name: 'asked', returned: 'request', description: 'Given when asked for.' },
    { name: 'badge', uniqueness: 'server', description: 'Nobody else has it.' },
    { name: 'words', multiValued: true, description: 'Several strings.' },
    { name: 'counts', type: 'integer', multiValued: true, description: 'Several numbers.' },
    {
      name: 'box',
      type: 'complex',
      description: 'A box.',
      subAttributes: [
        { name: 'label', description: 'What stands on it.' },
        { name: 'size', type: 'integer', description: 'How large it is.' },
      ],
    },
    {
      name: 'boxes',
      type: 'complex',
      multiValued: true,
      description: 'Several boxes.',
      subAttributes: [
        { name: 'value', description: 'What is in it.' },
        { name: 'type', description: 'Its kind.' },
        { name: 'primary', type: 'boolean', description: 'Whether it is the first.' },
      ],
    },
  ],
};

/** The base schema of a resource type of the host's own. */
export const deviceSchema: SchemaDefinition = {
  id: 'urn:example:params:scim:schemas:core:2.0:Asset',
  name: 'Asset',
  description: 'A thing that somebody uses.',
  attributes: [
    { name: 'serial', required: true, uniqueness: 'server', caseExact: true, description: 'Its number.' },
    { name: 'label', description: 'Its name.' },
    { name: 'tags', multiValued: true, description: 'Words about it.' },
  ],
};

/** A required extension of it. */
export const warrantyExtension: SchemaDefinition = {
  id: 'urn:example:params:scim:schemas:extension:warranty:2.0:Asset',
  name: 'Warranty',
  description: 'Who is liable for it.',
  attributes: [{ name: 'seller', required: true, description: 'Who sold it.' }],
};
