import { findPlace, type Place } from '../cluster/api/place.ts'
import type { Settings } from '../settings/settings.ts'

/** Where this process is, as far as it can find out. */
export function placeFor(settings: Settings): Place {
  const {
    POD_NAME: name,
    POD_NAMESPACE: namespace,
    SERVICE_ACCOUNT_DIRECTORY: directory,
  } = settings
  return findPlace({
    ...{ environment: process.env, directory },
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  })
}
