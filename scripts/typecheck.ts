/** Type-checks every package and the workspace itself, two at a time. */

import { spawn } from 'node:child_process'
import { relative } from 'node:path'
import { packageDirs, root } from './workspace.js'

const projects = [root, ...packageDirs()].map((dir) => relative(root, dir) || '.')
const tsc = 'node_modules/typescript/bin/tsc'

function check(project: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [tsc, '--noEmit', '-p', project], { cwd: root, stdio: ['ignore', 1, 2] })
    child.on('close', (code) => resolve(code === 0))
  })
}

async function worker(): Promise<boolean> {
  let sound = true
  for (let project = projects.shift(); project !== undefined; project = projects.shift()) {
    sound = (await check(project)) && sound
  }
  return sound
}

const results = await Promise.all([worker(), worker()])
process.exit(results.every(Boolean) ? 0 : 1)
