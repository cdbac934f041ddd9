/** What a container's preStop hook is to draingate. */
export type Call =
  /** It calls the sidecar, or is the drain itself: the container is held. */
  | { readonly kind: 'held' }
  /** It goes to draingate and does not come there, or not to the end. */
  | { readonly kind: 'astray'; readonly faults: readonly Fault[] }
  /** `said`: why not, as in a fault. */
  | { readonly kind: 'cannot-tell'; readonly said: string }
  /** There is none, or one that plainly has nothing to do with draingate. */
  | { readonly kind: 'none' }

export interface Fault {
  readonly about: 'hook' | 'host-network'
  /** A predicate of the hook: `calls port 9`. */
  readonly said: string
  readonly fix: string
}

/** What has to be known to tell where a hook leads. */
export interface Where {
  /** Where draingate answers. */
  readonly port: number
  readonly ips: readonly string[]
  readonly hostNetwork: boolean
  readonly graceMs: number
}

export const hookPath = '/prestop'

export const fault = (said: string, fix: string): Fault => ({ about: 'hook', said, fix })

export const astray = (said: string, fix: string): Call => ({
  kind: 'astray',
  faults: [fault(said, fix)],
})

export const cannotTell = (said: string): Call => ({ kind: 'cannot-tell', said })

export const wrongPort = (called: number, { port }: Where) =>
  fault(`calls port ${called}, draingate listens on ${port}`, 'make them equal')

export const wrongPath = (asked: string) =>
  fault(`asks for ${asked}, draingate answers on ${hookPath}`, 'mend the path')

/** A path as draingate's server takes it: without a query, and without a slash at its end. */
export function plainPath(path: string): string {
  const plain = path.replace(/[?#].*$/, '').replace(/(?<=.)\/$/, '')
  return plain.startsWith('/') ? plain : `/${plain}`
}

/** Whether a host is the machine itself, or the network namespace that a command runs in. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|0\.0\.0\.0|::1?)$/i.test(bare(host))
}

/** An IPv6 address without its brackets. */
export function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
