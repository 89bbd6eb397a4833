import type { Fault, Rule } from './tree.js'

const WORKFLOW = '.github/workflows/ci.yml'

/** What runs on a hosted runner is what runs here: the workflow's one command is `.ci/run`. */
export const workflow: Rule = {
  name: 'workflow',
  check(tree) {
    const runs = [...tree.text(WORKFLOW).matchAll(/^\s*(?:- )?run:\s*(.+)$/gm)].map(([, command = '']) =>
      command.trim(),
    )
    const faults: Fault[] = []
    const report = (message: string): number => faults.push({ path: WORKFLOW, line: 0, message })
    if (runs.length !== 1 || runs[0] !== 'bash .ci/run') report('its one command has to be `bash .ci/run`')
    if (!tree.has('.ci/run')) report('.ci/run is missing')
    return faults
  },
}
