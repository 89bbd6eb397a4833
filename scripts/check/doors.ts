import { entriesOf } from '../package-config.js'
import { manifestOf, packageDirs } from '../workspace.js'

/** A published subpath of a package. */
export interface Door {
  /** `@barfinex/core/testing` */
  readonly specifier: string
  /** `./testing` */
  readonly subpath: string
  /** False for one that runs inside a test runner of ES modules: a contract suite. */
  readonly requirable: boolean
}

export function doorsOf(packageDir: string): readonly Door[] {
  const { name, exports } = manifestOf(packageDir)
  const requirable = entriesOf(packageDir, 'cjs')
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => ({
      specifier: `${name}${subpath.slice(1)}`,
      subpath,
      requirable: (subpath === '.' ? 'index' : subpath.slice(2)) in requirable,
    }))
}

export function allDoors(): readonly Door[] {
  return packageDirs().flatMap(doorsOf)
}
