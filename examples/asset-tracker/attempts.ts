// How often somebody may try to sign in. Each process counts its own.

const window = 900_000;
const mostOfOnePerson = 10;
const mostOfOneNetwork = 50;
const remembered = 10_000;

export interface Attempts {
  /** Counts an attempt before its password is looked at, so that many at once count too. False: too many already. */
  take(address: string, email: string): boolean;
  /** Forgets the attempts of somebody who has signed in. */
  forgive(address: string, email: string): void;
}

/** @param clock milliseconds since 1970 */
export function createAttempts(clock: () => number = Date.now): Attempts {
  const times = new Map<string, readonly number[]>();
  const recent = (name: string): readonly number[] => (times.get(name) ?? []).filter((time) => time > clock() - window);
  const note = (name: string): void => {
    const next = [...recent(name), clock()];
    // At the end of the map: what was not used for longest goes first.
    times.delete(name);
    times.set(name, next);
    const [oldest] = times.keys();
    if (times.size > remembered && oldest !== undefined) times.delete(oldest);
  };
  return {
    take(address, email) {
      const network = networkOf(address);
      const person = personOf(network, email);
      if (recent(person).length >= mostOfOnePerson || recent(network).length >= mostOfOneNetwork) return false;
      note(person);
      note(network);
      return true;
    },
    forgive(address, email) {
      const network = networkOf(address);
      times.delete(personOf(network, email));
      times.set(network, recent(network).slice(0, -1));
    },
  };
}

function personOf(network: string, email: string): string {
  return `${network} ${email.toLowerCase()}`;
}

/** One person has a whole /64 of IPv6. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head.split(':').filter((part) => part !== '');
  const after = tail?.split(':').filter((part) => part !== '') ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}
