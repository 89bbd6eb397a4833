import { type ConvictionGraph, inputCountOf, type LinearGraph, type TreeGraph } from './conviction-graph.js'
import { floatBytes, type MessageWriter, messageWriter } from './protobuf.js'

/** Versions every runtime since 2021 reads; from `ai.onnx.ml` 5 on the tree operator is refused as deprecated. */
const irVersion = 8
const opsetVersion = 17
const treeOpsetVersion = 3

const float32 = 1

/**
 * Writes a graph as an ONNX file: input `x` of shape [N, inputs], outputs `logit` and `p` of shape [N, 1].
 *
 * @param metadata Texts by key, kept in the file beside the graph, in the given order.
 */
export function writeOnnx(graph: ConvictionGraph, metadata: Readonly<Record<string, string>>): Uint8Array {
  const body = messageWriter()
  const nodes = graph.kind === 'linear' ? linearNodes(graph, body) : treeNodes(graph)
  for (const item of nodes) body.message(1, item)
  body.message(1, node('Sigmoid', ['logit'], ['p']))
  body.text(2, 'conviction')
  body.message(11, tensorInfo('x', inputCountOf(graph)))
  body.message(12, tensorInfo('logit', 1))
  body.message(12, tensorInfo('p', 1))

  const file = messageWriter().integer(1, irVersion).text(2, 'barfinex').message(7, body)
  file.message(8, messageWriter().text(1, '').integer(2, opsetVersion))
  if (graph.kind === 'trees') file.message(8, messageWriter().text(1, 'ai.onnx.ml').integer(2, treeOpsetVersion))
  for (const [key, value] of Object.entries(metadata)) file.message(14, messageWriter().text(1, key).text(2, value))
  return file.finish()
}

function linearNodes(graph: LinearGraph, body: MessageWriter): MessageWriter[] {
  const width = graph.weight.length
  body.message(5, tensor('mean', [width], graph.mean))
  body.message(5, tensor('scale', [width], graph.scale))
  body.message(5, tensor('weight', [width, 1], graph.weight))
  body.message(5, tensor('bias', [1], [graph.bias]))
  return [
    node('Sub', ['x', 'mean'], ['centred']),
    node('Mul', ['centred', 'scale'], ['standardised']),
    node('MatMul', ['standardised', 'weight'], ['product']),
    node('Add', ['product', 'bias'], ['logit']),
  ]
}

function treeNodes(graph: TreeGraph): MessageWriter[] {
  const { roots, feature, threshold, whenBelow, otherwise } = graph
  const all = Array.from(feature, (_, i) => i)
  const treeOf = new Int32Array(feature.length)
  for (const [tree, root] of roots.entries()) treeOf.fill(tree, root)
  const local = (i: number) => i - roots[treeOf[i]!]!
  const isLeaf = (i: number) => feature[i]! < 0
  const leaves = all.filter(isLeaf)
  return [
    node('TreeEnsembleRegressor', ['x'], ['logit'], 'ai.onnx.ml', [
      textAttribute('aggregate_function', 'SUM'),
      floatsAttribute('base_values', [graph.base]),
      integersAttribute(
        'nodes_falsenodeids',
        all.map((i) => (isLeaf(i) ? 0 : local(otherwise[i]!))),
      ),
      integersAttribute(
        'nodes_featureids',
        all.map((i) => Math.max(0, feature[i]!)),
      ),
      textsAttribute(
        'nodes_modes',
        all.map((i) => (isLeaf(i) ? 'LEAF' : 'BRANCH_LT')),
      ),
      integersAttribute('nodes_nodeids', all.map(local)),
      integersAttribute(
        'nodes_treeids',
        all.map((i) => treeOf[i]!),
      ),
      integersAttribute(
        'nodes_truenodeids',
        all.map((i) => (isLeaf(i) ? 0 : local(whenBelow[i]!))),
      ),
      floatsAttribute(
        'nodes_values',
        all.map((i) => (isLeaf(i) ? 0 : threshold[i]!)),
      ),
      integerAttribute('n_targets', 1),
      textAttribute('post_transform', 'NONE'),
      integersAttribute(
        'target_ids',
        leaves.map(() => 0),
      ),
      integersAttribute('target_nodeids', leaves.map(local)),
      integersAttribute(
        'target_treeids',
        leaves.map((i) => treeOf[i]!),
      ),
      floatsAttribute(
        'target_weights',
        leaves.map((i) => threshold[i]!),
      ),
    ]),
  ]
}

function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  domain = '',
  attributes: readonly MessageWriter[] = [],
): MessageWriter {
  const writer = messageWriter()
  for (const input of inputs) writer.text(1, input)
  for (const output of outputs) writer.text(2, output)
  writer.text(3, `${type}:${outputs.join()}`).text(4, type)
  for (const attribute of attributes) writer.message(5, attribute)
  return domain === '' ? writer : writer.text(7, domain)
}

/** Types of an attribute's value, as ONNX numbers them. */
const attributeType = { integer: 2, text: 3, floats: 6, integers: 7, texts: 8 } as const

const attribute = (name: string, type: number) => messageWriter().text(1, name).integer(20, type)

const integerAttribute = (name: string, value: number) => attribute(name, attributeType.integer).integer(3, value)

const textAttribute = (name: string, value: string) => attribute(name, attributeType.text).text(4, value)

const floatsAttribute = (name: string, values: readonly number[]) =>
  attribute(name, attributeType.floats).packedFloats(7, values)

const integersAttribute = (name: string, values: readonly number[]) =>
  attribute(name, attributeType.integers).packedIntegers(8, values)

function textsAttribute(name: string, values: readonly string[]): MessageWriter {
  const writer = attribute(name, attributeType.texts)
  for (const value of values) writer.text(9, value)
  return writer
}

function tensor(name: string, shape: readonly number[], values: ArrayLike<number>): MessageWriter {
  return messageWriter().packedIntegers(1, shape).integer(2, float32).text(8, name).bytes(9, floatBytes(values))
}

function tensorInfo(name: string, width: number): MessageWriter {
  const rows = messageWriter().text(2, 'N')
  const columns = messageWriter().integer(1, width)
  const shape = messageWriter().message(1, rows).message(1, columns)
  const type = messageWriter().message(1, messageWriter().integer(1, float32).message(2, shape))
  return messageWriter().text(1, name).message(2, type)
}
