// Password hashes.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** One guess costs 32 MiB and about 100 ms. Each hash stores its cost, so that these values can be raised later. */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;

type Cost = Readonly<Record<keyof typeof cost, number>>;

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const options = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('hex'), key.toString('hex')].join('$');
}

/** Takes the same time with and without a hash, so that the duration does not reveal which accounts exist. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [name, N, r, p, salt = '', expected = ''] = (hash ?? '').split('$');
  const isHash = name === 'scrypt' && expected.length === 64;
  const usedCost = isHash ? { N: Number(N), r: Number(r), p: Number(p) } : cost;
  const key = await derive(password, Buffer.from(isHash ? salt : '00', 'hex'), usedCost);
  return timingSafeEqual(key, isHash ? Buffer.from(expected, 'hex') : randomBytes(32));
}
