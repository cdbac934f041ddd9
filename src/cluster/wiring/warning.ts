/** Something in the cluster that will cost requests or time, and what to do about it. */
export interface Warning {
  readonly about:
    | 'readiness-gate'
    | 'grace-period'
    | 'host-network'
    | 'hook'
    /** Whether there is anything wrong cannot be told. */
    | 'doubtful-hook'
    | 'mesh-proxy'
    | 'instance-targets'
    | 'target-groups'
    | 'not-ready-addresses'
  readonly said: string
  readonly fix: string
}

/** In one line. */
export function sentenceOf({ said, fix }: Warning): string {
  return `${said}; ${fix}`
}
