import fc from 'fast-check';

const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** JSON like that of SCIM: known and unknown names, and the secret as a value, a name, or a part of either. */
export function jsonWith(secret: string): fc.Arbitrary<unknown> {
  const name = fc.constantFrom(
    ...['schemas', 'Operations', 'Resources', 'op', 'path', 'value', 'filter', 'id', 'userName', 'emails', 'type'],
    ...['status', 'detail', 'scimType', 'method', 'bulkId', 'location', 'version', 'meta', 'sortBy', 'attributes'],
    ...['count', 'totalResults', enterprise, 'x', secret, `emails[value eq "${secret}"].type`, `${user}:${secret}`],
    ...[`${secret}.value`, `urn:${secret}:title`, '__proto__', '/Users'],
  );
  const text = fc.constantFrom(
    ...[secret, `/Users/${secret}`, `userName eq "${secret}"`, `userName eq ${secret}`, `${secret} eq "x"`, 'work'],
    ...[`emails[value eq "${secret}"].value`, `title eq "a\\"${secret}`, `add ${secret}`, `${secret}:User`, 'replace'],
    ...[`${user}:${secret}`, `["${secret}"]`, `a[${secret}]`, `title,${secret}`, patchOp, user, `/${secret}`],
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'medium' }, text, fc.boolean(), tie('object'), fc.array(tie('tree'), { maxLength: 4 })),
    object: fc.dictionary(name, tie('tree'), { maxKeys: 6 }),
  }));
  return tree;
}

/** A relative URL with the secret as a segment, as the name or the value of a parameter, or as a part of either. */
export function urlWith(secret: string): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    ...[secret, 'Users', 'filter', `title eq "${secret}"`, `${secret} eq 1`, `${secret}=1`, 'attributes', 'count'],
    ...['sortBy', 'cursor', '.search', `Users.${secret}`],
  );
  return fc
    .tuple(fc.array(part, { maxLength: 3 }), fc.array(fc.tuple(part, part), { maxLength: 3 }), fc.boolean())
    .map(([path, query, isEncoded]) => {
      const encode = isEncoded ? encodeURIComponent : String;
      const parameters = query.map(([name, value]) => `${encode(name)}=${encode(value)}`);
      return `/${path.map((each) => encode(each)).join('/')}?${parameters.join('&')}`;
    });
}
