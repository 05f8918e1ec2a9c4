import { BlockList, isIP } from 'node:net';
import { usageError } from '../contract/option-mistakes.js';

/** Whether deliveries may go to an IP address. */
export type AddressCheck = (address: string) => boolean;

/** IPv4 networks that are not globally reachable (IANA special-purpose registry), and multicast. */
const refusedV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];

/** Of IPv6 only global unicast is reachable, without what is reserved in it or holds an IPv4 address (6to4, Teredo). */
const globalV6 = ['2000::/3'];
const refusedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/**
 * Refuses private, loopback, link-local and other addresses that are not globally reachable, except those in `allowed`.
 *
 * @param allowed networks such as `10.0.0.0/8`
 * @throws TypeError for a text that is no network
 */
export function addressCheck(allowed: readonly string[] = []): AddressCheck {
  const allowedList = networks(allowed);
  return (address) => {
    const [plain = ''] = address.split('%');
    const version = isIP(plain);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (allowedList.check(plain, family)) return true;
    if (family === 'ipv4') return !refused4.check(plain, family);
    return global6.check(plain, family) && !refused6.check(plain, family);
  };
}

function networks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', length = ''] = String(text).split('/');
    const version = isIP(address);
    const bits = /^\d{1,3}$/.test(length) ? Number(length) : NaN;
    if (version === 0 || !(bits <= (version === 4 ? 32 : 128))) {
      const mistake = 'allowedNetworks must be a list of networks, such as 10.0.0.0/8 or fd00::/8';
      throw usageError('eventDelivery', mistake, 'webhooks.md');
    }
    list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

const refused4 = networks(refusedV4);
const global6 = networks(globalV6);
const refused6 = networks(refusedV6);
