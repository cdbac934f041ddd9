import type { KubeObject } from './objects.ts'
import type { Resource } from './resources.ts'
import { badRequest, conflict } from './status.ts'

/**
 * Reads a deletion's grace period from the query or from DeleteOptions in the body, which comes first;
 * undefined where it is left to the object. Throws 409 when the object is not the one that is meant.
 */
export function deleteOptions(
  url: URL,
  body: string,
  resource: Resource,
  found: KubeObject,
): number | undefined {
  const options = body === '' ? {} : read(body)
  const { uid, resourceVersion } = options.preconditions ?? {}
  const name = found.metadata.name ?? ''
  if (uid !== undefined && uid !== found.metadata.uid) {
    const differ = `the UID in the precondition (${uid}) does not match the UID in record (${found.metadata.uid})`
    throw conflict(
      resource,
      name,
      `${differ}. The object might have been deleted and then recreated`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== found.metadata.resourceVersion) {
    const differ = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${found.metadata.resourceVersion})`
    throw conflict(resource, name, `${differ}. The object might have been modified`)
  }
  return options.gracePeriodSeconds ?? inQuery(url)
}

interface DeleteOptions {
  gracePeriodSeconds?: number
  preconditions?: { uid?: string; resourceVersion?: string }
}

function read(body: string): DeleteOptions {
  try {
    return JSON.parse(body) as DeleteOptions
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error}`)
  }
}

function inQuery(url: URL): number | undefined {
  const text = url.searchParams.get('gracePeriodSeconds')
  if (text === null) return undefined
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  return Number(text)
}
