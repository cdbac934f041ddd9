import { readFile } from 'node:fs/promises'

/** A package that the bundle has code of. */
interface Component {
  readonly type: 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses: readonly { readonly expression: string }[]
}

/**
 * What the bundle is made of, as a CycloneDX 1.6 bill of materials: the packages that it really has
 * code of, not those that happened to be installed. No date and no serial number: the same sources
 * make the same file.
 *
 * @param folders Of the bundled packages.
 * @param project Our own package.json.
 */
export async function billOfMaterials(
  folders: readonly string[],
  project: { readonly name: string; readonly version: string; readonly license: string },
): Promise<string> {
  const components = await Promise.all(folders.map(componentOf))
  const unique = new Map(components.map((component) => [component.purl, component]))
  const { name, version, license } = project
  const own = `pkg:npm/${name}@${version}`
  return `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        component: {
          ...{ type: 'application', 'bom-ref': own, name, version, purl: own },
          licenses: [{ expression: license }],
        },
      },
      components: [...unique.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1)),
    },
    null,
    2,
  )}\n`
}

async function componentOf(folder: string): Promise<Component> {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'))
  // A scope's @ is written as %40 (package-url, npm).
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const licenses = [{ expression: license }]
  return { type: 'library', 'bom-ref': purl, name, version, purl, licenses }
}
