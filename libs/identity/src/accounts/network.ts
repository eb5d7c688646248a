import { isIPv6 } from 'node:net';

const GROUPS = 8;

/**
 * What failures from a network address are counted by: the address itself in IPv4, however it is written, and in IPv6 its network of
 * 64 bits, as one customer has at least so many addresses to change between.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%', 1); // a zone, as in fe80::1%eth0, is of this machine alone
  if (!isIPv6(bare)) return address;
  const groups = groupsOf(bare);
  const isIPv4 = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isIPv4)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  // The one form of RFC 5952, which writes IPv4 in hexadecimal as well.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const left = Array<string>(GROUPS - first.length - last.length).fill('0');
  return [...first, ...left, ...last].map((group) => Number.parseInt(group, 16));
}
