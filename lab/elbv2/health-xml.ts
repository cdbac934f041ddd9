import type { TargetHealth } from './health.ts'
import type { Xml } from './xml.ts'

/** One target of a DescribeTargetHealth answer. */
export const healthXml = (target: TargetHealth): Xml => ({
  HealthCheckPort: target.healthCheckPort,
  Target: { Id: target.id, Port: target.port, AvailabilityZone: target.zone },
  TargetHealth: { State: target.state, Reason: target.reason, Description: target.description },
})
