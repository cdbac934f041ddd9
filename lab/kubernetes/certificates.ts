import { generate } from 'selfsigned'

/** PEM texts. */
export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/**
 * A new CA, and a certificate of it for the names that a pod may know the API server by. Elliptic
 * curves: an RSA key takes a second on a busy machine.
 */
export async function createCertificates(): Promise<Certificates> {
  const curve = { keyType: 'ec', algorithm: 'sha256' } as const
  const ca = await generate([{ name: 'commonName', value: 'kubernetes' }], {
    ...curve,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...curve,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names, ...addresses] },
    ],
  })
  return { ca: ca.cert, cert, key }
}

const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map(
  (value) => ({ type: 2 as const, value }),
)
const addresses = ['127.0.0.1', '::1'].map((ip) => ({ type: 7 as const, ip }))
