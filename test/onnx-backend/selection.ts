/** Which cases stand for all of them, where there is no time for all. */
import type { BackendCase } from './data.ts';
import { bytesIn, fieldsOf } from './wire.ts';

/** Field numbers of onnx.proto3. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, input: 11 } as const;
const NODE = { operator: 4, domain: 7 } as const;
const VALUE_TYPE = 2;
const TYPE_TENSOR = 1;
const TENSOR_ELEMENT = 1;

/** One case, the first by name, of each set of operators with each list of input types. */
export function selection(cases: readonly BackendCase[]): BackendCase[] {
  const first = new Map<string, BackendCase>();
  for (const one of cases) {
    const kind = kindOf(one.model());
    if (!first.has(kind)) first.set(kind, one);
  }
  return [...first.values()];
}

function kindOf(model: Buffer): string {
  const graphs = bytesIn(model, MODEL_GRAPH);
  const nodes = graphs.flatMap(graph => bytesIn(graph, GRAPH.node));
  const operators = nodes.map(node => `${textIn(node, NODE.domain)}:${textIn(node, NODE.operator)}`);
  const inputs = graphs.flatMap(graph => bytesIn(graph, GRAPH.input));
  return `${[...new Set(operators)].toSorted().join()} of ${inputs.map(typeOf).join()}`;
}

function textIn(message: Buffer, number: number): string {
  return bytesIn(message, number).map(String).join();
}

/** The number of a tensor's element type; empty for what is no tensor. */
function typeOf(input: Buffer): string {
  const tensors = bytesIn(input, VALUE_TYPE).flatMap(type => bytesIn(type, TYPE_TENSOR));
  const fields = tensors.flatMap(tensor => [...fieldsOf(tensor)]);
  return fields.flatMap(({ number, value }) => (number === TENSOR_ELEMENT ? [String(value)] : [])).join();
}
