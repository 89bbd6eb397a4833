/** The repository's own test: what the house rules promise, checked on every file. `tsx scripts/tidy.ts` */

import { errors } from './tidy/errors.js'
import { escapes } from './tidy/escapes.js'
import { flow } from './tidy/flow.js'
import { layers } from './tidy/layers.js'
import { links } from './tidy/links.js'
import { manifests } from './tidy/manifests.js'
import { marks } from './tidy/marks.js'
import { reach } from './tidy/reach.js'
import { runtime } from './tidy/runtime.js'
import { shape } from './tidy/shape.js'
import { state } from './tidy/state.js'
import { readTree } from './tidy/tree.js'
import { used } from './tidy/used.js'
import { workflow } from './tidy/workflow.js'
import { root } from './workspace.js'

const rules = [layers, flow, runtime, state, reach, used, errors, marks, shape, escapes, manifests, links, workflow]

const tree = readTree(root)
let faults = 0
for (const { name, check } of rules) {
  for (const { path, line, message } of check(tree)) {
    faults++
    process.stdout.write(`${path}${line === 0 ? '' : `:${line}`}  ${name}: ${message}\n`)
  }
}
process.stdout.write(`tidy: ${rules.length} rules, ${tree.paths.length} files, ${faults} faults\n`)
process.exit(faults === 0 ? 0 : 1)
