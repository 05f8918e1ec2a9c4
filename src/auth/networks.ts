import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** How many networks a list may have. */
export const maxNetworks = 100;

/** Networks that a request may come from. */
export interface AllowedNetworks {
  /** Whether an address is in one of the networks. Text that is no IP address is in none. */
  includes(address: string): boolean;
}

/** A list of networks as it is stored; absent where every address is permitted. */
export type NetworkList = readonly string[] | null | undefined;

/** One network: its address, and how many leading bits count. */
interface Network {
  readonly text: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly bits: number;
}

const networkText = /^([0-9a-f.:]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/i;

/** What a list of networks must be, for messages. */
export const networksExpected = `a list of at most ${String(maxNetworks)} networks in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32`;

/**
 * Parses a list of networks in CIDR notation (RFC 4632, RFC 4291 2.3); an address without a prefix length is a network
 * of one address. Undefined for anything else: a list is never read in part.
 *
 * An IPv6 network of IPv4 addresses (`::ffff:0:0/96`) is refused: the IPv4 network says the same.
 */
export function parseNetworks(value: unknown): AllowedNetworks | undefined {
  const networks = readNetworks(value);
  if (networks === undefined) return undefined;
  const of = (family: Network['family']): BlockList => blockListOf(networks.filter((each) => each.family === family));
  // In one list, an IPv6 network such as ::/0 would also include IPv4 addresses.
  const [ipv4, ipv6] = [of('ipv4'), of('ipv6')];
  return {
    includes(address) {
      const plain = plainAddress(address);
      if (isIPv4(plain)) return ipv4.check(plain, 'ipv4');
      return isIPv6(plain) && (mapped.check(plain, 'ipv6') ? ipv4 : ipv6).check(plain, 'ipv6');
    },
  };
}

/** Whether a text is a network that `parseNetworks` reads. */
export function isNetwork(text: string): boolean {
  return readNetwork(text) !== undefined;
}

/**
 * The networks that are in both lists, where an absent list permits every address. A list that cannot be read is returned
 * as it is, so that whoever parses the result refuses it.
 */
export function networksInBoth(first: NetworkList, second: NetworkList): NetworkList {
  if (first === undefined || first === null) return second;
  if (second === undefined || second === null) return first;
  const [left, right] = [readNetworks(first), readNetworks(second)];
  if (left === undefined) return first;
  if (right === undefined) return second;
  const texts = [...within(left, right), ...within(right, left)].map(({ text }) => text);
  return [...new Set(texts)];
}

/**
 * The address that a request comes from: `req.ip` of Express, which respects its `trust proxy` setting, or else that of
 * the connection. Empty where the connection has none.
 */
export function addressOf(req: IncomingMessage & { readonly ip?: unknown }): string {
  const address = req.ip ?? (req.socket as IncomingMessage['socket'] | undefined)?.remoteAddress;
  return typeof address === 'string' ? plainAddress(address) : '';
}

/** The networks of a list that are part of a network of another list. */
function within(inner: readonly Network[], outer: readonly Network[]): readonly Network[] {
  const lists = outer.map((network) => ({ network, list: blockListOf([network]) }));
  return inner.filter(({ family, address, bits }) =>
    lists.some(({ network, list }) => {
      return network.family === family && network.bits <= bits && list.check(address, family);
    }),
  );
}

/** IPv4-mapped addresses (RFC 4291 2.5.5.2), which `check` compares with IPv4 networks. */
const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

function blockListOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { family, address, bits } of networks) list.addSubnet(address, bits, family);
  return list;
}

function readNetworks(value: unknown): readonly Network[] | undefined {
  if (!Array.isArray(value) || value.length > maxNetworks) return undefined;
  const networks = value.map((text: unknown) => (typeof text === 'string' ? readNetwork(text) : undefined));
  return networks.every((network) => network !== undefined) ? networks : undefined;
}

function readNetwork(text: string): Network | undefined {
  const [, address = '', prefix] = networkText.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0 || /^::ffff:/i.test(address)) return undefined;
  const longest = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? longest : Number(prefix);
  return bits > longest ? undefined : { text, family: family === 4 ? 'ipv4' : 'ipv6', address, bits };
}

/** An address without its zone, and an IPv4-mapped one, as Node writes it, as the IPv4 address that it is. */
function plainAddress(address: string): string {
  const [withoutZone = ''] = address.split('%', 1);
  return /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(withoutZone)?.[1] ?? withoutZone;
}
