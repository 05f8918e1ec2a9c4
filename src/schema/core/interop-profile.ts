import type { SchemaDefinition } from '../definition.js';

/**
 * An extension of ServiceProviderConfig that says whether the service follows the interoperability profile
 * (draft-zollner-scim-interop-profile-01, section 4). The draft puts the attribute beside those of RFC 7643 5, where
 * typed clients that know the RFC only stop at it; a client skips an extension that it does not know.
 */
export const interopProfileSchema = {
  id: 'urn:express-scim:params:scim:schemas:extension:interop:2.0:ServiceProviderConfig',
  name: 'Interoperability profile',
  description: 'Whether the service follows draft-zollner-scim-interop-profile-01',
  attributes: [
    {
      name: 'interopProfileConformant',
      type: 'boolean',
      description: 'Whether the service follows the SCIM interoperability profile.',
      mutability: 'readOnly',
    },
  ],
} as const satisfies SchemaDefinition;
