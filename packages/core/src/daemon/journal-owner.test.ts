import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BarfinexError } from '../runtime/error.js'
import { ownerOf } from './journal-owner.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barfinex-owner-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('is the same after every start on one directory and machine, and another one elsewhere', () => {
  const owner = ownerOf(directory, 'here')
  expect(ownerOf(directory, 'here')).toBe(owner)
  expect(ownerOf(directory, 'there')).not.toBe(owner)
  expect(readdirSync(directory)).toEqual(['owner'])
  expect(statSync(join(directory, 'owner')).mode & 0o077).toBe(0)
})

test('a process that was killed while it made the file starts again', () => {
  writeFileSync(join(directory, 'owner.new'), '')
  const owner = ownerOf(directory, 'here')
  expect(ownerOf(directory, 'here')).toBe(owner)
})

test('a damaged file is refused: another owner would wait for its own lease', () => {
  writeFileSync(join(directory, 'owner'), 'half')
  expect(() => ownerOf(directory, 'here')).toThrow(BarfinexError)
})
