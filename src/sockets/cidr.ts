import { isIPv4, isIPv6 } from 'node:net'

/** A range of addresses: all that share the first `prefix` bits with `address`. */
export interface Cidr {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/**
 * Reads a CIDR block like 10.0.0.0/8 or fd00::/64, or a plain address, which is a block of its own.
 * Bits behind the prefix are of no matter. Undefined when the text is neither.
 */
export function readCidr(text: string): Cidr | undefined {
  const [, address = '', digits] = /^([^/%]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0
  const prefix = digits === undefined ? bits : Number(digits)
  if (bits === 0 || prefix > bits) return undefined
  return { address, prefix, family: bits === 32 ? 'ipv4' : 'ipv6' }
}
