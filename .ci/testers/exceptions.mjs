/**
 * Checks of the testers that the RFCs do not require. Everything else must pass, and each exception must still be needed:
 * remove one that is not.
 *
 * `check` and `reason` select the failure; `ignoring` is removed from the sent value and from the returned value, which
 * must then be equal.
 */
export const exceptions = [
  {
    tester: 'scim2-tester',
    check: /^check_(add|replace)_attribute$/,
    reason:
      /^PATCH modify\(\) returned unexpected value for 'urn:ietf:params:scim:schemas:extension:enterprise:2\.0:User(:manager)?'/,
    ignoring: [/display_name=(None|'[^']*')/g, /^schemas=\[[^\]]*\] /],
    because:
      'The tester sends a manager by its id, and rejects the response because it also contains the name of the manager.',
    section: 'RFC 7643 4.3',
    sentence: `The displayName of the user's manager. This attribute is OPTIONAL, and mutability is "readOnly".`,
  },
  {
    tester: 'scim2-tester',
    check: /^check_(add|replace)_attribute$/,
    reason: /^Attribute 'members' was not (added|replaced) or has unexpected value/,
    ignoring: [/display=(None|'[^']*')/g],
    because:
      'The tester sends members by their ids, and rejects the group because it also contains their names. A client ' +
      'cannot change the name of a member through the group (RFC 7643 2.4: display has a mutability of "immutable"); ' +
      'that we derive it from the resource, so that it is never out of date, is our choice.',
    section: 'RFC 7643 4.2',
    sentence: 'While values MAY be added or removed, sub-attributes of members are "immutable".',
  },
  {
    tester: 'scim2-tester',
    check: /^check_remove_attribute$/,
    reason: /^PATCH modify\(\) did not remove attribute 'active'/,
    because:
      'The tester removes `active` of a user. It keeps its value, as with a PUT that omits it: a suspended user must never ' +
      'be able to sign in again because a client clears the attribute.',
    section: 'RFC 7643 4.1.1',
    sentence: 'The definitive meaning of this attribute is determined by the service provider.',
  },
  {
    tester: 'scim-sanity',
    check: /^PATCH \/Groups\/\{id\}/,
    reason: /^Expected (HTTP )?200, got 204\b/,
    because:
      'A PATCH of a group without `attributes` returns no body, because the group may be large. The response headers are ' +
      'Location and ETag.',
    section: 'RFC 7644 3.5.2',
    sentence:
      'On successful completion, the server either MUST return a 200 OK response code and the entire resource within ' +
      'the response body, subject to the "attributes" query parameter (see Section 3.9), or MAY return HTTP status ' +
      'code 204 (No Content) and the appropriate response headers for a successful PATCH request.',
  },
];

/** Checks that a tester skips because the server does not announce the feature. */
export const skippedChecks = [
  { tester: 'scim-sanity', check: /^Agent/, because: 'The draft for agents is not part of this library.' },
];
