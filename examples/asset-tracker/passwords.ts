// Hashes of passwords.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What one guess costs: 32 MiB and some 100 ms. Each hash says by which cost it was made, so that these may grow. */
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

/** Takes the same time whether there is a hash or not. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [name, N, r, p, salt = '', expected = ''] = (hash ?? '').split('$');
  const known = name === 'scrypt' && expected.length === 64;
  const made = known ? { N: Number(N), r: Number(r), p: Number(p) } : cost;
  const key = await derive(password, Buffer.from(known ? salt : '00', 'hex'), made);
  return timingSafeEqual(key, known ? Buffer.from(expected, 'hex') : randomBytes(32));
}
