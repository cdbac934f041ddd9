import type { GroupFacts } from './target.ts'

type Kind = Pick<GroupFacts, 'loadBalancer' | 'traffic'>

const application: Kind = { loadBalancer: 'application', traffic: 'connections' }
const network: Kind = { loadBalancer: 'network', traffic: 'connections' }
const datagrams: Kind = { loadBalancer: 'network', traffic: 'datagrams' }

const kinds: Readonly<Record<string, Kind>> = {
  HTTP: application,
  HTTPS: application,
  TCP: network,
  TLS: network,
  GENEVE: { loadBalancer: 'gateway', traffic: 'datagrams' },
  UDP: datagrams,
  TCP_UDP: datagrams,
  QUIC: datagrams,
  TCP_QUIC: datagrams,
}

/**
 * What a target group's protocol tells of its load balancer and traffic (ELBv2 API, CreateTargetGroup).
 * Of a protocol that is not known here the worst is assumed.
 */
export function kindOf(protocol: string): Kind {
  return (Object.hasOwn(kinds, protocol) ? kinds[protocol] : undefined) ?? datagrams
}
