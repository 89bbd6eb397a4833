import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// This file runs before anything is installed: Node's own modules only.

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const stampFile = join(root, 'node_modules/.cache/barfinex/install')

/** Every line of the scripts goes to stderr: stdout belongs to the program that is started. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** Runs a program with its output on stderr. Resolves with its exit code, 127 when it cannot be started. */
export function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
    child.on('error', (error) => {
      say(`${program}: ${error.message}`)
      resolve(127)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Stops with a clear message on a Node that the packages do not support. */
export function checkNode(version = process.versions.node) {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const needed = engines.node.replace('>=', '').split('.').map(Number)
  const found = version.split('.').map(Number)
  if (found[0] > needed[0] || (found[0] === needed[0] && found[1] >= needed[1])) return
  say(`Barfinex needs Node ${engines.node}; this is Node ${version}. Install a newer Node and try again.`)
  process.exit(1)
}

function manifestHash() {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const manifest = `packages/${name}/package.json`
    if (existsSync(join(root, manifest))) files.push(manifest)
  }
  const hash = createHash('sha256').update(process.version)
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** Installs exactly what the lockfile says, and nothing when that is already there. Resolves with an exit code. */
export async function install() {
  const hash = manifestHash()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return 0
  say('Installing packages (the first time this takes a minute) …')
  const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx'
  const code = await run(npx, ['--yes', 'pnpm@12', 'install', '--frozen-lockfile', '--prefer-offline'], {
    env: { ...process.env, CI: 'true' },
    shell: process.platform === 'win32',
  })
  if (code === 0) {
    mkdirSync(dirname(stampFile), { recursive: true })
    writeFileSync(stampFile, hash)
  } else {
    say('The installation failed. It needs the npm registry once; the lines above say what went wrong.')
  }
  return code
}
