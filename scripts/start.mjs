// `npm start -- …`: from a fresh clone to a running desk with nothing but Node and npm.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { checkNode, install, root, run } from './install.mjs'

// One Ctrl-C reaches this process up to twice, from the terminal and from npm; two within this time are one.
const SAME_KEY_PRESS_MS = 500

let child
let lastSignalAt = 0

function onSignal(signal) {
  if (child === undefined) process.exit(128 + constants.signals[signal])
  const now = Date.now()
  if (now - lastSignalAt < SAME_KEY_PRESS_MS) return
  lastSignalAt = now
  child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal)

async function prepare() {
  checkNode()
  const installed = await install()
  if (installed !== 0) return installed
  return run(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--changed'])
}

const prepared = await prepare()
if (prepared !== 0) process.exit(prepared)

// Its own process group: signals of the terminal come through `onSignal` only, so exactly once.
child = spawn(process.execPath, [join(root, 'packages/barfinex/dist/bin.js'), 'up', ...process.argv.slice(2)], {
  // npm runs scripts in the root of the repository; paths among the arguments are meant from where the user stands.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
  detached: process.platform !== 'win32',
})
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
