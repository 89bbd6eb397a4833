import { BarfinexError } from '@barfinex/core'
import { type ConvictionGraph, inputCountOf, type LinearGraph, type TreeGraph } from './conviction-graph.js'
import { floatsOf, readFields, readPackedIntegers, type WireField } from './protobuf.js'

/** A model file taken apart: what it computes, and the texts kept beside it. */
export interface OnnxFile {
  readonly graph: ConvictionGraph
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Reads the two kinds of graph that {@link writeOnnx} writes: linear, and a sum of trees with `BRANCH_LT` splits.
 *
 * Not a general ONNX reader. Any other graph is refused rather than half understood.
 *
 * @throws BarfinexError `advisor.model-invalid`
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  const file = readFields(bytes)
  const body = blocks(file, 7)[0]
  if (body === undefined) throw invalid('it has no graph')
  const fields = readFields(body)
  const nodes = blocks(fields, 1).map(readNode)
  const types = nodes.map((node) => node.type).join(' ')
  let graph: ConvictionGraph
  if (types === 'Sub Mul MatMul Add Sigmoid') graph = readLinear(blocks(fields, 5).map(readTensor))
  else if (types === 'TreeEnsembleRegressor Sigmoid') graph = readTrees(nodes[0]!.attributes, inputWidth(fields))
  else throw invalid(`its graph is "${types}", neither linear nor a tree ensemble`)
  checkGraph(graph)

  const metadata: Record<string, string> = {}
  for (const entry of blocks(file, 14).map(readFields)) metadata[textOf(entry, 1)] = textOf(entry, 2)
  return { graph, metadata }
}

function readLinear(tensors: readonly { name: string; values: Float32Array }[]): LinearGraph {
  const named = (name: string): Float32Array => {
    const found = tensors.find((tensor) => tensor.name === name)
    if (found === undefined) throw invalid(`the tensor "${name}" is missing`)
    return found.values
  }
  return {
    kind: 'linear',
    mean: named('mean'),
    scale: named('scale'),
    weight: named('weight'),
    bias: named('bias')[0] ?? Number.NaN,
  }
}

function readTrees(attributes: ReadonlyMap<string, Attribute>, inputCount: number): TreeGraph {
  const integers = (name: string) => attributes.get(name)?.integers ?? []
  const floats = (name: string) => attributes.get(name)?.floats ?? new Float32Array(0)
  const modes = attributes.get('nodes_modes')?.texts ?? []
  const treeIds = integers('nodes_treeids')
  const nodeIds = integers('nodes_nodeids')
  const aggregate = attributes.get('aggregate_function')?.texts[0] ?? 'SUM'
  const transform = attributes.get('post_transform')?.texts[0] ?? 'NONE'
  if (aggregate !== 'SUM' || transform !== 'NONE')
    throw invalid(`its trees are joined by ${aggregate} and ${transform}`)

  const positions = new Map(treeIds.map((tree, i) => [`${tree}/${nodeIds[i]}`, i]))
  const at = (tree: number, node: number): number => positions.get(`${tree}/${node}`) ?? -1
  const count = modes.length
  const feature = new Int32Array(count).fill(-1)
  const threshold = new Float32Array(count)
  const whenBelow = new Int32Array(count)
  const otherwise = new Int32Array(count)
  const values = floats('nodes_values')
  for (let i = 0; i < count; i += 1) {
    if (modes[i] === 'LEAF') continue
    if (modes[i] !== 'BRANCH_LT') throw invalid(`a tree branches by ${modes[i]}`)
    feature[i] = integers('nodes_featureids')[i] ?? -1
    threshold[i] = values[i] ?? Number.NaN
    whenBelow[i] = at(treeIds[i]!, integers('nodes_truenodeids')[i] ?? -1)
    otherwise[i] = at(treeIds[i]!, integers('nodes_falsenodeids')[i] ?? -1)
  }
  const weights = floats('target_weights')
  const targetTrees = integers('target_treeids')
  const targetNodes = integers('target_nodeids')
  weights.forEach((weight, k) => {
    const leaf = at(targetTrees[k] ?? -1, targetNodes[k] ?? -1)
    if (leaf < 0 || feature[leaf]! >= 0) throw invalid('a leaf value belongs to no leaf')
    threshold[leaf] = weight
  })
  const roots = Int32Array.from(treeIds.flatMap((tree, i) => (i === 0 || tree !== treeIds[i - 1] ? [i] : [])))
  return {
    kind: 'trees',
    inputCount,
    base: floats('base_values')[0] ?? 0,
    roots,
    feature,
    threshold,
    whenBelow,
    otherwise,
  }
}

/** A graph that passes can be walked without further checks: every index is inside, every walk ends. */
function checkGraph(graph: ConvictionGraph): void {
  const width = inputCountOf(graph)
  if (width === 0) throw invalid('it takes no inputs')
  if (graph.kind === 'linear') {
    if (graph.mean.length !== width || graph.scale.length !== width) throw invalid('its tensors differ in length')
    const all = [...graph.mean, ...graph.scale, ...graph.weight, graph.bias]
    if (!all.every(Number.isFinite)) throw invalid('a weight is not a finite number')
    return
  }
  const { feature, threshold, whenBelow, otherwise, roots } = graph
  if (roots.length === 0) throw invalid('it has no trees')
  if (!Number.isFinite(graph.base) || !threshold.every(Number.isFinite)) throw invalid('a tree value is not finite')
  for (let i = 0; i < feature.length; i += 1) {
    if (feature[i]! < 0) continue
    if (feature[i]! >= width) throw invalid(`a split reads input ${feature[i]} of ${width}`)
    // Children stand after their parent, so a walk goes forward and ends.
    for (const child of [whenBelow[i]!, otherwise[i]!]) {
      if (child <= i || child >= feature.length) throw invalid('a split leads outside its tree')
    }
  }
}

interface Attribute {
  readonly integers: readonly number[]
  readonly floats: Float32Array
  readonly texts: readonly string[]
}

function readNode(bytes: Uint8Array): { readonly type: string; readonly attributes: ReadonlyMap<string, Attribute> } {
  const fields = readFields(bytes)
  const attributes = blocks(fields, 5).map((block): [string, Attribute] => {
    const parts = readFields(block)
    const integers = blocks(parts, 8).flatMap(readPackedIntegers)
    const floats = blocks(parts, 7).map(floatsOf)[0] ?? new Float32Array(0)
    return [textOf(parts, 1), { integers, floats, texts: [...blocks(parts, 4), ...blocks(parts, 9)].map(decode) }]
  })
  return { type: textOf(fields, 4), attributes: new Map(attributes) }
}

function readTensor(bytes: Uint8Array): { name: string; values: Float32Array } {
  const fields = readFields(bytes)
  return { name: textOf(fields, 8), values: floatsOf(blocks(fields, 9)[0] ?? new Uint8Array(0)) }
}

/** Second dimension of the first input: ValueInfo → type → tensor → shape → dimension → value. */
function inputWidth(graph: readonly WireField[]): number {
  const path = [2, 1, 2]
  let fields = readFields(blocks(graph, 11)[0] ?? new Uint8Array(0))
  for (const field of path) fields = readFields(blocks(fields, field)[0] ?? new Uint8Array(0))
  const dimension = readFields(blocks(fields, 1)[1] ?? new Uint8Array(0))
  return dimension.find(({ field }) => field === 1)?.number ?? 0
}

const blocks = (fields: readonly WireField[], field: number): Uint8Array[] =>
  fields.filter((item) => item.field === field).map((item) => item.bytes)

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const textOf = (fields: readonly WireField[], field: number): string =>
  decode(blocks(fields, field)[0] ?? new Uint8Array(0))

function invalid(what: string): BarfinexError {
  return new BarfinexError(
    'advisor.model-invalid',
    `The model file cannot be used: ${what}. Train and export it again.`,
  )
}
