/** Reads JSON with nothing taken for granted: what is not of the kind that is asked for is not there. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is at the end of a path of names. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value)
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

/** A number or a name: an IntOrString of Kubernetes. */
export function portAt(value: unknown, ...path: readonly string[]): number | string | undefined {
  return numberAt(value, ...path) ?? textAt(value, ...path)
}

/** An empty list where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The texts of a map of texts, like labels. */
export function textsAt(value: unknown, ...path: readonly string[]): ReadonlyMap<string, string> {
  const found = at(value, ...path)
  const entries = isRecord(found) ? Object.entries(found) : []
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** What is in a list of objects; undefined for what is no list. Go may write an empty one as null. */
export function itemsOf(body: unknown): readonly unknown[] | undefined {
  const items = at(body, 'items')
  if (items === null && /List$/.test(textAt(body, 'kind') ?? '')) return []
  return Array.isArray(items) ? items : undefined
}
