/** The parameters of one request in AWS's Query protocol. */
export interface Query {
  get(name: string): string | undefined
  /** A list of plain values, or undefined when the request names none: `Names.member.1=web`. */
  values(name: string): string[] | undefined
  /** A list of structures: `Targets.member.1.Id=10.0.1.7&Targets.member.1.Port=8080`. */
  structures(name: string): Map<string, string>[] | undefined
}

/** Reads the body of a request. An empty list (`Targets=`) is the same as none. */
export function parseQuery(body: string): Query {
  const parameters = new URLSearchParams(body)

  function structures(name: string) {
    const members = new Map<number, Map<string, string>>()
    for (const [key, value] of parameters) {
      const [, index, field = ''] =
        /^\.member\.(\d+)(?:\.(\w+))?$/.exec(key.slice(name.length)) ?? []
      if (!key.startsWith(name) || index === undefined) continue
      const member = members.get(Number(index)) ?? new Map<string, string>()
      members.set(Number(index), member.set(field, value))
    }
    const ordered = [...members].sort(([a], [b]) => a - b)
    return ordered.length > 0 ? ordered.map(([, member]) => member) : undefined
  }

  return {
    get: (name) => parameters.get(name) ?? undefined,
    values: (name) => structures(name)?.map((member) => member.get('') ?? ''),
    structures,
  }
}
