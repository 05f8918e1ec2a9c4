// Rate limit for sign-in attempts. Each process counts its own attempts.

const windowMilliseconds = 900_000;
const maxPerAccount = 10;
const maxPerNetwork = 50;
const maxCounters = 10_000;

export interface Attempts {
  /** Counts an attempt, before the password is checked, so that concurrent attempts count too. False: too many. */
  take(address: string, email: string): boolean;
  /** Forgets the attempts for an account after a successful sign-in. */
  forgive(address: string, email: string): void;
}

/** @param clock milliseconds since 1970 */
export function createAttempts(clock: () => number = Date.now): Attempts {
  const times = new Map<string, readonly number[]>();
  const recent = (name: string): readonly number[] =>
    (times.get(name) ?? []).filter((time) => time > clock() - windowMilliseconds);
  const note = (name: string): void => {
    const next = [...recent(name), clock()];
    // Moved to the end of the map, so that the least recently used counter is dropped first.
    times.delete(name);
    times.set(name, next);
    const [oldest] = times.keys();
    if (times.size > maxCounters && oldest !== undefined) times.delete(oldest);
  };
  return {
    take(address, email) {
      const network = networkOf(address);
      const account = accountOf(network, email);
      if (recent(account).length >= maxPerAccount || recent(network).length >= maxPerNetwork) return false;
      note(account);
      note(network);
      return true;
    },
    forgive(address, email) {
      const network = networkOf(address);
      times.delete(accountOf(network, email));
      times.set(network, recent(network).slice(0, -1));
    },
  };
}

function accountOf(network: string, email: string): string {
  return `${network} ${email.toLowerCase()}`;
}

/** An IPv4 address, or the /64 prefix of an IPv6 address: a single user has a whole /64. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head.split(':').filter((part) => part !== '');
  const after = tail?.split(':').filter((part) => part !== '') ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}
