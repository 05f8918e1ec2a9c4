import type { KeyRefusal } from './contract.js';
import type { Explanation } from './explanation.js';

const explanations: Readonly<Record<KeyRefusal, (key: string) => Explanation>> = {
  missing: () => ({
    meaning: 'The identity provider sent no key.',
    remedy:
      'Enter a connector key in the identity provider. If it has one, check whether a proxy removes the Authorization header.',
  }),
  unknown: () => ({
    meaning: 'The identity provider sent something that is not a key of this application.',
    remedy:
      'Create a key under Connector keys, and enter it in the identity provider. A key of another environment, such as a test system, does not work here.',
  }),
  altered: (key) => ({
    meaning: `The identity provider sent ${key} incorrectly: a part of it is missing, or was changed.`,
    remedy:
      'Copy the whole key again, without spaces. If you no longer have it, rotate it under Connector keys, and enter the new one.',
  }),
  revoked: (key) => ({
    meaning: `The identity provider uses ${key}, which was revoked.`,
    remedy: 'Create a key under Connector keys, and enter it in the identity provider.',
  }),
  expired: (key) => ({
    meaning: `The identity provider uses ${key}, which has expired.`,
    remedy: 'Create a key under Connector keys, and enter it in the identity provider.',
  }),
  network: (key) => ({
    meaning: `The identity provider uses ${key}, which is valid, but its request came from a network that is not allowed.`,
    remedy:
      'If the address belongs to the identity provider, add it to the allowed networks under Connector keys, or create a key with other networks. If it is the address of a proxy, the application must trust that proxy.',
  }),
};

/** Why a key was refused. @param name of the key, where it is known */
export function explainRefusal(refusal: KeyRefusal, name: string | undefined): Explanation {
  return explanations[refusal](name === undefined ? 'a key' : `the key ${name}`);
}
