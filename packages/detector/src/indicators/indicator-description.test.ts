import { describe, expect, it } from 'vitest'
import { indicatorNames } from './indicator-catalog.js'
import { describeIndicators } from './indicator-description.js'
import { parseIndicator } from './indicator-plan.js'

const described = describeIndicators()

describe('the catalog as data', () => {
  it('survives JSON, complete and in order', () => {
    expect(JSON.parse(JSON.stringify(described))).toEqual(described)
    expect(described.map(({ name }) => name)).toEqual(indicatorNames)
  })

  it('names defaults that a plan takes without being told', () => {
    for (const { name, params, outputs, inputs } of described) {
      const plan = parseIndicator(name, Object.fromEntries(params.map((param) => [param.name, param.default])))
      expect(plan.key).toBe(parseIndicator(name).key)
      expect(outputs.map(({ warmUp }) => warmUp)).toEqual(plan.warmUp)
      expect(inputs).toEqual(plan.inputs)
    }
  })

  it('tells what every kind of parameter may be', () => {
    const paramsOf = (name: string) => described.find((it) => it.name === name)?.params
    expect(paramsOf('hma')?.[0]).toMatchObject({
      name: 'period',
      kind: 'integer',
      default: 16,
      least: 2,
      most: 100_000,
    })
    expect(paramsOf('bollinger')?.[1]).toMatchObject({ name: 'width', kind: 'number', default: 2, least: 0 })
    expect(paramsOf('standardDeviation')?.[1]).toMatchObject({ name: 'sample', kind: 'boolean', default: false })
    expect(paramsOf('ema')?.[1]).toMatchObject({ name: 'source', kind: 'choice', default: 'close' })
    expect(paramsOf('ema')?.[1]?.choices).toContain('hlc3')
    expect(paramsOf('obv')).toEqual([])
  })
})
