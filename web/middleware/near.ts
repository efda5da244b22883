import { BlockList, isIPv4 } from 'node:net';
import type { IncomingMessage } from 'node:http';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const near = new BlockList();
for (const [net, bits] of [['127.0.0.0', 8], ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['169.254.0.0', 16]] as const) near.addSubnet(net, bits, 'ipv4'); // prettier-ignore
for (const [net, bits] of [['::1', 128], ['fe80::', 10], ['fc00::', 7]] as const) near.addSubnet(net, bits, 'ipv6'); // prettier-ignore

function isIn(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

/**
 * For Express' `trust proxy`: who connects to us is believed when on this machine or in its own network, and nobody
 * whom that one names: what comes before it in `X-Forwarded-For` was written by the visitor.
 */
export const trustNearestProxy = (address: string, hop: number): boolean => hop === 0 && isIn(near, address);

/** From this machine, and through no proxy that says so. */
export function isLocal(req: IncomingMessage): boolean {
  const { headers, socket } = req;
  return isIn(loopback, socket.remoteAddress ?? '') && !headers['x-forwarded-for'] && !headers.forwarded;
}
