import { missingCredentials } from '../aws/credentials.ts'
import type { ContainerObject } from '../cluster/objects/container.ts'
import { eyesOf, type Reach } from '../compose/eyes.ts'
import { looksItself, type Settings } from '../settings/settings.ts'
import type { Subject } from './cluster-rows.ts'
import { examine } from './examine.ts'
import { fail, type Row, warn } from './row.ts'
import { environmentOf, readingOf } from './sidecar.ts'

/**
 * Checks all that a drain of another pod would need.
 *
 * @param subject Whose rules and identity are shown; without one, nobody's.
 */
export async function examineOutside(
  reach: Reach,
  sidecar: ContainerObject,
  flags: ReadonlyMap<string, string>,
  subject?: Subject,
): Promise<Row[]> {
  const { unread, ...reading } = readingOf(sidecar, flags, environmentOf(sidecar))
  const rules = subject && looksItself(reading.settings) ? { ...reach, subject } : undefined
  // From here no lookout can be reached, nor would it tell of another's pod: one's own eyes have to do.
  const settings = { ...reading.settings, LOOKOUT_URL: [] }
  const eyes = eyesOf(settings, reach, () => undefined)
  const rows = await examine({ ...reading, settings }, { eyes, who: subject?.kind, rules })
  return [...outsideRows(sidecar, reading.settings), ...unread, ...rows]
}

/** What lacks a sidecar, as far as its pod's spec shows it to whoever is outside. */
function outsideRows(sidecar: ContainerObject, settings: Settings): Row[] {
  if (!looksItself(settings)) {
    return [...elsewhereRows(sidecar), ...lookoutTokenRows(sidecar, settings)]
  }
  return [...elsewhereRows(sidecar), ...tokenRows(sidecar, settings), ...credentialRows(sidecar)]
}

/** A setting that is not read here is taken as not set, which may be the cause of all that follows. */
function elsewhereRows({ environmentElsewhere }: ContainerObject): Row[] {
  if (environmentElsewhere.length === 0) return []
  const said = `what comes from ${environmentElsewhere.join(', ')} is not read: as if it were not set`
  return [warn('settings', said, 'run doctor in the pod (kubectl exec) to see all of them')]
}

/** Without its token no lookout answers it. */
function lookoutTokenRows({ name, mounts }: ContainerObject, settings: Settings): Row[] {
  if (isMounted(settings.LOOKOUT_TOKEN_PATH, mounts)) return []
  const said = `no token for the lookout is mounted in container ${name}`
  return [fail('token', said, 'mount a service account token for the audience draingate there')]
}

/** Without a token a sidecar knows of its pod and its groups what is set, and no more. */
function tokenRows({ name, mounts }: ContainerObject, settings: Settings): Row[] {
  const { SERVICE_ACCOUNT_DIRECTORY: directory, TARGET_GROUP_ARNS } = settings
  if (isMounted(directory, mounts)) return []
  const row = TARGET_GROUP_ARNS.length > 0 ? warn : fail
  const said = `no service account token is mounted in container ${name}`
  return [row('token', said, 'set automountServiceAccountToken: true')]
}

/** IRSA and Pod Identity write into the spec what a pod gets of them. Files of its image are not seen. */
function credentialRows(sidecar: ContainerObject): Row[] {
  const { environmentElsewhere, mounts } = sidecar
  const isElsewhere =
    environmentElsewhere.length > 0 || mounts.some((mount) => mount.includes('.aws'))
  if (isElsewhere) return []
  const said = missingCredentials(environmentOf(sidecar), (path) => isMounted(path, mounts))
  return said ? [fail('credentials', said)] : []
}

function isMounted(path: string, mounts: readonly string[]): boolean {
  return mounts.some((mount) => `${path}/`.startsWith(`${mount}/`))
}
