import type { Role } from '../../aws/access.ts'
import { type AwsBalancer, createAwsBalancer } from '../../aws/balancer.ts'
import type { Settings } from '../../settings/settings.ts'
import { clock } from '../../time/clock.ts'
import { accessOf } from '../access.ts'

/** Each role sees with credentials of its own. */
export function eyesOfRoles(settings: Settings): (role: Role | undefined) => AwsBalancer {
  const all = new Map<string, AwsBalancer>()
  return (role) => {
    const key = `${role?.arn} ${role?.externalId}`
    const known = all.get(key)
    if (known) return known
    const access = accessOf(settings, () => role)
    const aws = createAwsBalancer({ clock, access, podIps: () => [] })
    all.set(key, aws)
    return aws
  }
}
