import { attributeValue, type GraphNode } from "./graph-def.js";
import type { GraphBinding } from "./native-backend.js";
import { nativeShapes } from "./native-shapes.js";

/** What is known of a tensor that nobody has computed. */
export interface OutputType {
  readonly dtype: number; // TensorFlow's DataType
  /** Undefined where it depends on values. */
  readonly shape: readonly number[] | undefined;
}

/**
 * The nodes of a recording as a graph of TensorFlow's that never runs: its
 * shape functions, and constants folded where a shape depends on them, say
 * what each operation would give.
 */
export class ShapeGraph {
  readonly #binding: GraphBinding;
  readonly #graph: object;
  readonly #indices = new Map<GraphNode, number>();
  readonly #outputs = new Map<GraphNode, readonly OutputType[]>();

  constructor(binding: GraphBinding) {
    this.#binding = binding;
    this.#graph = binding.newShapeGraph();
  }

  /** Types of a node's outputs. */
  outputs(node: GraphNode): readonly OutputType[] {
    return this.#outputs.get(node) as readonly OutputType[];
  }

  /**
   * Adds a node whose inputs were added before.
   *
   * @param sizes how many tensors each argument of the operation has, −1 where it is no list
   * @throws Error if TensorFlow refuses it: shapes or types that do not fit
   */
  add(node: GraphNode, sizes: readonly number[]): readonly OutputType[] {
    const inputs: number[] = [];
    let at = 0;
    for (const size of sizes) {
      inputs.push(size);
      for (const end = at + Math.abs(size); at < end; at++) {
        const input = node.inputs[at];
        if (input) inputs.push(this.#indices.get(input.node) as number, input.index);
      }
    }
    const described = this.#binding.addShapeNode(
      this.#graph,
      node.op,
      Int32Array.from(inputs),
      node.attributes.map(({ name }) => name),
      node.attributes.map(attributeValue),
      this.#known(node),
    );
    const outputs = read(described);
    this.#indices.set(node, this.#indices.size);
    this.#outputs.set(node, outputs);
    return outputs;
  }

  /** Gives TensorFlow's memory back. */
  clear(): void {
    this.#binding.clearShapeGraph(this.#graph);
  }

  /** Shapes that only we know, written one after the other with their ranks. */
  #known({ op, inputs, attributes }: GraphNode): Int32Array {
    const shapesOf = nativeShapes[op];
    if (!shapesOf) return new Int32Array(0);
    const shapes = inputs.map(({ node, index }) => this.outputs(node)[index]?.shape ?? []);
    const values = Object.fromEntries(attributes.map(({ name, value }) => [name, Number(value)]));
    return Int32Array.from(shapesOf(shapes, values).flatMap((shape) => [shape.length, ...shape]));
  }
}

function read(described: Int32Array): OutputType[] {
  const outputs: OutputType[] = [];
  for (let at = 0; at < described.length; ) {
    const dtype = described[at++] as number;
    const rank = described[at++] as number;
    const shape = Array.from(described.subarray(at, at + Math.max(rank, 0)));
    outputs.push({ dtype, shape: rank < 0 || shape.includes(-1) ? undefined : shape });
    at += shape.length;
  }
  return outputs;
}
