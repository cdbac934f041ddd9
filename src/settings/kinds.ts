import { isIP } from 'node:net'
import {
  type RoleArn,
  readRoleArn,
  readTargetGroupArn,
  roleArnShape,
  type TargetGroupArn,
  targetGroupArnShape,
} from '../aws/arn.ts'
import { type Cidr, readCidr } from '../sockets/cidr.ts'

/** One setting: an environment variable and a flag of the same name. */
export interface Setting<T> {
  /** As it would be written; empty for none. */
  readonly default: string
  /** What the text has to be, to end the sentence "this is not ...". */
  readonly expected: string
  readonly help: string
  /** Whether the value is kept out of logs and errors. */
  readonly shown: 'shown' | 'secret'
  readonly read: (text: string) => { readonly value: T } | { readonly wrong: string }
}

/** How a text is read. */
interface Kind<T> {
  readonly expected: string
  /** Undefined when the text is not one. */
  readonly read: (text: string) => T | undefined
  readonly shown?: 'secret'
}

/** A setting that always has a value. */
export function withDefault<T>(kind: Kind<T>, fallback: string, help: string): Setting<T> {
  return {
    ...{ default: fallback, help, expected: kind.expected, shown: kind.shown ?? 'shown' },
    read: (text) => readOne(kind, text || fallback),
  }
}

/** A setting that may be left out. */
export function optional<T>(kind: Kind<T>, help: string): Setting<T | undefined> {
  return {
    ...withDefault(kind, '', help),
    read: (text) => (text === '' ? { value: undefined } : readOne(kind, text)),
  }
}

/** A setting of several values with commas between them; none when it is left out. */
export function listOf<T>(kind: Kind<T>, help: string): Setting<readonly T[]> {
  return {
    ...withDefault(kind, '', help),
    read(text) {
      const items = text.split(',').map((item) => item.trim())
      const readings = items.filter((item) => item !== '').map((item) => readOne(kind, item))
      const value: T[] = []
      for (const reading of readings) {
        if ('wrong' in reading) return reading
        value.push(reading.value)
      }
      return { value }
    },
  }
}

function readOne<T>(kind: Kind<T>, text: string): { value: T } | { wrong: string } {
  const value = kind.read(text)
  return value === undefined ? { wrong: text } : { value }
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Seconds, decimals allowed; the value is in milliseconds. */
export const seconds: Kind<number> = {
  expected: 'a number of seconds from 0 to 86400, like 30 or 2.5',
  read(text) {
    const value = decimal(text) * 1_000
    return value <= 86_400_000 ? value : undefined
  },
}

/** Calls a second. */
export const rate: Kind<number> = {
  expected: 'a number of calls a second from 0.1 to 100, like 5',
  read(text) {
    const value = decimal(text)
    return value >= 0.1 && value <= 100 ? value : undefined
  },
}

/** A plain decimal number; NaN for anything else. */
function decimal(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

export const targetGroupArn: Kind<TargetGroupArn> = {
  expected: `a target group ARN (${targetGroupArnShape})`,
  read: readTargetGroupArn,
}

export const roleArn: Kind<RoleArn> = {
  expected: `an IAM role ARN (${roleArnShape})`,
  read: readRoleArn,
}

export const ipAddress: Kind<string> = {
  expected: 'an IP address (the downward API has it: fieldRef status.podIPs)',
  read: (text) => (isIP(text) === 0 ? undefined : text),
}

export const cidr: Kind<Cidr> = {
  expected: 'a range of addresses, like 10.0.0.0/8 or fd00::/8, or an address',
  read: readCidr,
}

export const region: Kind<string> = {
  expected: 'an AWS Region, like eu-west-1',
  read: (text) => (/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text) ? text : undefined),
}

/** As STS takes it (API reference, AssumeRole). */
export const externalId: Kind<string> = {
  expected: 'an external id: 2 to 1224 letters, digits and _+=,.@:/-',
  read: (text) => (/^[\w+=,.@:/-]{2,1224}$/.test(text) ? text : undefined),
  shown: 'secret',
}

export const listenAddress: Kind<ListenAddress> = {
  expected: 'an address and port to listen on, like [::]:8089 or 127.0.0.1:8089',
  read(text) {
    const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
    const host = v6 ?? v4 ?? ''
    const port = Number(digits)
    return isIP(host) === (v6 ? 6 : 4) && port <= 65_535 ? { host, port } : undefined
  },
}

/** A server's address, without a path. */
export const httpUrl: Kind<URL> = {
  expected: 'the URL of a lookout, like http://draingate-lookout.draingate.svc:8089',
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
    const isBare = url?.pathname === '/' && url.search === '' && url.hash === '' && !url.username
    return isHttp && isBare ? url : undefined
  },
}

/** A name as Kubernetes gives them (DNS subdomain). */
export const objectName: Kind<string> = {
  expected: 'the name of a Kubernetes object, like web-5d8f6',
  read: (text) => (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text) ? text : undefined),
}

export const path: Kind<string> = {
  expected: 'an absolute path, like /var/run/token',
  read: (text) => (text.startsWith('/') ? text : undefined),
}

export function oneOf<T extends string>(...words: readonly T[]): Kind<T> {
  return { expected: `one of ${words.join(', ')}`, read: (text) => words.find((w) => w === text) }
}
