import { posix } from 'node:path'
import { type Fault, isCode, isProduct, isTest, type Rule } from './tree.js'

const MAX_LINES = 400
const MAX_FOLDERS = 2
const HOMELESS = new Set('util utils helper helpers common manager managers misc shared lib types'.split(' '))
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+(-[a-z]+)*)*\.(ts|tsx|mjs)$/

/** Small files, shallow folders, names that say what is inside. */
export const shape: Rule = {
  name: 'shape',
  check: (tree) =>
    tree.paths.filter(isCode).flatMap((path) => {
      const faults: Fault[] = []
      const report = (message: string): number => faults.push({ path, line: 0, message })
      const lines = tree.text(path).split('\n').length - 1
      const words = posix.basename(path).split('.')[0]?.split('-') ?? []
      const folders = posix.dirname(path).split('/')
      if (!isTest(path) && lines > MAX_LINES) report(`${lines} lines: more than one idea lives here`)
      if (!KEBAB.test(posix.basename(path))) report('the name is not kebab-case')
      if (HOMELESS.has(words.at(-1) ?? '') || (isProduct(path) && folders.some((it) => HOMELESS.has(it)))) {
        report('the name says nothing: name the concept')
      }
      if (isProduct(path) && folders.length - 3 > MAX_FOLDERS) report(`more than ${MAX_FOLDERS} folders below src`)
      return faults
    }),
}
