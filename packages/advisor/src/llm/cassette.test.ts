import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Cassette } from './cassette.js'
import { llmReason } from './reasons.js'
import type { Turn } from './turn.js'

const one = 'a'.repeat(64)
const other = 'b'.repeat(64)
const refused = (cap: string): Turn => ({ kind: 'refused', reason: llmReason('budget', cap) })

function aFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'barfinex-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'cassette.jsonl')
}

test('plays takes in order, then the last one; what is not there is not made up', () => {
  const file = aFile()
  const written = new Cassette(file, false)
  const first = written.begin(one)
  const second = written.begin(one)
  first.record(refused('perDayUsd'))
  second.record(refused('tokensIn'))
  first.record(refused('tokensPerDay'))
  const played = new Cassette(file, true)
  expect(played.play(one)).toEqual([refused('perDayUsd'), refused('tokensPerDay')])
  expect(played.play(one)).toEqual([refused('tokensIn')])
  expect(played.play(one)).toEqual([refused('tokensIn')])
  expect(played.play(other)).toBeNull()
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a line that a crash cut off is dropped, and the next one begins on its own', () => {
  const file = aFile()
  new Cassette(file, false).begin(one).record(refused('perDayUsd'))
  appendFileSync(file, readFileSync(file, 'utf8').slice(0, 40))
  expect(new Cassette(file, true).play(one)).toHaveLength(1)
  new Cassette(file, false).begin(other).record(refused('tokensIn'))
  const mended = new Cassette(file, true)
  expect([mended.play(one)?.length, mended.play(other)?.length]).toEqual([1, 1])
})

test('a damaged line is named, and a missing file is not an empty one', () => {
  const file = aFile()
  writeFileSync(file, '{"v":2}\n')
  expect(() => new Cassette(file, true)).toThrowError(/Line 1 of the cassette/)
  expect(() => new Cassette(`${file}.missing`, true)).toThrowError(/There is no cassette/)
  expect(() => new Cassette(join(file, 'below'), false)).toThrowError(/cannot be written/)
})
