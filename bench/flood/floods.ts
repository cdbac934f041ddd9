/** What peers do, in another process: see flooder.ts. */
export interface Flood {
  readonly name: string
  readonly does: 'pipeline' | 'silence' | 'hold' | 'hang-up' | 'nothing'
  readonly connections: number
  /** Requests on each. */
  readonly requests: number
  readonly peers: number
}

export function floodsOf(size: 'whole' | 'quick'): readonly Flood[] {
  const part = (count: number) => Math.ceil(count / (size === 'quick' ? 5 : 1))
  const few = { peers: 2, requests: 1 }
  return [
    { ...few, name: 'none', does: 'nothing', connections: 0 },
    { ...few, name: 'pipelines', does: 'pipeline', connections: part(100), requests: 100_000 },
    { ...few, name: 'silent', does: 'silence', connections: part(5_000) },
    { ...few, name: 'hooks', does: 'hold', connections: part(3_000) },
    { ...few, name: 'hooks of many', does: 'hold', connections: part(3_000), peers: 250 },
    { ...few, name: 'hung up', does: 'hang-up', connections: part(20_000) },
  ]
}
