import type { Chart } from './render.ts'

/** One way to use the chart, with a snapshot of what comes out. */
export interface Case {
  readonly name: string
  readonly chart: Chart
  readonly values: object
}

const group = (account: string, name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:${account}:targetgroup/${name}/0123456789abcdef`

export const cases: readonly Case[] = [
  { name: 'app', chart: 'helm-app', values: {} },
  {
    name: 'app-idle',
    chart: 'helm-app',
    values: {
      releaseWhen: 'idle',
      deregistrationDelaySeconds: 300,
      idle: { ignoreCidrs: ['10.0.200.0/24', 'fd00::/8'], longestRequestSeconds: 10 },
    },
  },
  {
    name: 'app-nlb-settled',
    chart: 'helm-app',
    values: { releaseWhen: 'settled', loadBalancer: 'nlb', useNodeRole: true, port: 9000 },
  },
  {
    name: 'app-other-account',
    chart: 'helm-app',
    values: {
      targetGroupArns: [group('123456789012', 'web'), group('210987654321', 'web')],
      assumeRole: {
        arns: ['arn:aws:iam::210987654321:role/draingate-reader'],
        externalId: 'web-draingate',
      },
      awsRegion: 'eu-west-1',
      terminationGracePeriodSeconds: 90,
      settleSeconds: 25,
      logLevel: 'debug',
    },
  },
  {
    name: 'app-own-objects',
    chart: 'helm-app',
    values: {
      image: { digest: `sha256:${'0123456789abcdef'.repeat(4)}` },
      serviceAccount: { create: false, name: 'web' },
      rbac: { create: false },
      extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.pem' }],
      resources: { limits: { memory: '160Mi' } },
    },
  },
  { name: 'regular', chart: 'regular-app', values: { native: false } },
  { name: 'injection', chart: 'alone', values: { injection: { enabled: true } } },
  {
    name: 'injection-namespaces',
    chart: 'alone',
    values: {
      native: false,
      deregistrationDelaySeconds: 30,
      injection: {
        enabled: true,
        apiVersion: 'v1beta1',
        namespaces: ['shop', 'pay'],
        failurePolicy: 'Fail',
      },
    },
  },
]
