import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The source behind every published subpath of every package: the reference shows what a user can import, no more. */
const entryPoints = readdirSync('packages').flatMap((name) => {
  const { exports } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `packages/${name}/src/${subpath === '.' ? 'index' : subpath.slice(2)}`)
    .map((stem) => (existsSync(`${stem}.ts`) ? `${stem}.ts` : `${stem}/index.ts`))
})

export default {
  name: 'Barfinex',
  entryPoints,
  tsconfig: 'tsconfig.docs.json',
  out: 'docs/api',
  readme: 'none',
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  treatWarningsAsErrors: true,
}
