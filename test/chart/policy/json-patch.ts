/** An object with a JSON patch (RFC 6902) applied. Only `add` is known; throws where it does not fit. */
export function patched(object: unknown, operations: unknown): unknown {
  const result = structuredClone(object)
  if (!Array.isArray(operations)) throw new Error('a patch is a list')
  for (const operation of operations) {
    const { op, path, value } = operation
    if (op !== 'add' || typeof path !== 'string' || value === undefined) {
      throw new Error(`not an operation that is known: ${JSON.stringify(operation)}`)
    }
    add(result, path, value)
  }
  return result
}

function add(within: unknown, path: string, value: unknown) {
  const [root, ...keys] = path.split('/').map(unescaped)
  const last = keys.pop()
  if (root !== '' || last === undefined) throw new Error(`not a path: ${path}`)
  let parent = within
  for (const key of keys) parent = memberOf(parent, key)
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last)
    if (!Number.isInteger(index) || index > parent.length) throw new Error(`no place for ${path}`)
    parent.splice(index, 0, value)
  } else if (parent !== null && typeof parent === 'object') {
    Object.assign(parent, { [last]: value })
  } else {
    throw new Error(`nothing to add ${path} to`)
  }
}

function memberOf(parent: unknown, key: string): unknown {
  return new Map(Object.entries(parent ?? {})).get(key)
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}
