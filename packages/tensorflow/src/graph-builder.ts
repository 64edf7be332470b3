import type * as tf from "@tensorflow/tfjs-core";
import { CompileError } from "./compile-error.js";
import type { ConstantValue, GraphNode, GraphReference } from "./graph-def.js";
import { argumentSizes, completeAttributes, type OpAttribute, type OpDefinition } from "./graph-ops.js";
import type { BindingAttribute, GraphBackend, TensorMetadata } from "./native-backend.js";
import type { OutputType, ShapeGraph } from "./shape-graph.js";

/** A tensor from outside the function that its graph uses. */
export interface Capture {
  readonly node: GraphNode;
  /** A handle of our own, or the variable whose value at each call counts. */
  readonly source: { readonly handle: number } | { readonly variable: tf.Variable };
}

/** The handle of what a capture stands for now. */
export function captureHandle(label: string, backend: GraphBackend, { source }: Capture): number {
  if ("handle" in source) return source.handle;
  const { variable } = source;
  if (variable.isDisposed) {
    throw new CompileError(`${label}: the variable ${variable.name}, which it uses, is disposed`);
  }
  return backend.getInputTensorIds([variable])[0] as number;
}

/** What the builder asks about a handle that it has not seen made. */
export type CaptureSource = (id: number) => Capture["source"] & { readonly metadata: TensorMetadata };

// Operations whose output shape depends on values: tfjs code after them would
// bake the recorded shape in.
const DATA_SHAPED =
  /^(Where|Unique.*|NonMaxSuppression.*|SetDiff1D|ListDiff|DynamicPartition|BooleanMask|.*Decode.*)$/;
const RANDOM = /Random|Multinomial|Categorical|Shuffle/;

/** Handles from here on stand for what an operation would give; the addon's own are int32. */
const FIRST_SYMBOL = 2 ** 32;

/** True for a handle that {@link GraphBuilder.operation} gave out. */
export function isSymbol(id: number): boolean {
  return id >= FIRST_SYMBOL;
}

/**
 * Collects nodes while a function runs; handles stand for their outputs: the
 * addon's for what is there, symbols for what the operations would give.
 */
export class GraphBuilder {
  readonly captures: Capture[] = [];
  readonly #references = new Map<number, GraphReference>();
  readonly #constants = new Map<string, GraphReference>();
  readonly #label: string;
  readonly #definition: (op: string) => OpDefinition | undefined;
  readonly #shapes: ShapeGraph;
  readonly #capture: CaptureSource;
  #count = 0;
  #symbol = FIRST_SYMBOL;

  constructor(
    label: string,
    definition: (op: string) => OpDefinition | undefined,
    shapes: ShapeGraph,
    capture: CaptureSource,
  ) {
    this.#label = label;
    this.#shapes = shapes;
    this.#definition = definition;
    this.#capture = capture;
  }

  /** An input of the function, of unknown values. */
  placeholder(prefix: string, { id, dtype, shape }: TensorMetadata): GraphNode {
    const node = this.#node(
      `${prefix}_${this.#count++}`,
      "Placeholder",
      [],
      [
        { name: "dtype", type: "type", value: dtype },
        { name: "shape", type: "shape", value: [...shape] },
      ],
    );
    this.#shapes.add(node, []);
    this.#references.set(id, { node, index: 0 });
    return node;
  }

  /** A constant; identical small ones become one node. */
  constant(id: number, value: ConstantValue): void {
    const key =
      value.bytes.length <= 1024
        ? `${value.type}|${value.shape.join(",")}|${value.fill}|${Buffer.from(value.bytes).toString("latin1")}`
        : `#${id}`;
    let reference = this.#constants.get(key);
    if (!reference) {
      const attributes = [
        { name: "dtype", type: "type", value: value.type },
        { name: "value", type: "tensor", value },
      ];
      const node = this.#node(`Const_${this.#count++}`, "Const", [], attributes);
      this.#shapes.add(node, []);
      reference = { node, index: 0 };
      this.#constants.set(key, reference);
    }
    this.#references.set(id, reference);
  }

  /**
   * An operation with these inputs; nothing is computed.
   *
   * @returns its outputs, with symbols for handles
   */
  operation(
    op: string,
    given: readonly BindingAttribute[],
    inputs: readonly number[],
    site: string | undefined,
  ): TensorMetadata[] {
    const definition = this.#definition(op);
    if (!definition) throw new CompileError(`${this.#label}: TensorFlow does not know the operation ${op}`);
    refuse(this.#label, definition, given);
    const references = inputs.map((id) => this.reference(id));
    const types = references.map((reference) => this.type(reference).dtype);
    const attributes = completeAttributes(definition, given, types);
    const node = this.#node(`${op}_${this.#count++}`, op, references, attributes, site);
    return this.#shapes.add(node, argumentSizes(definition, attributes)).map(({ dtype, shape }, index) => {
      if (shape === undefined) throw new CompileError(`${this.#label}: ${dependsOnValues(op)}`);
      const id = this.#symbol++;
      this.#references.set(id, { node, index });
      return { id, dtype, shape: [...shape] };
    });
  }

  /** What is known of a reference. */
  type({ node, index }: GraphReference): OutputType {
    return this.#shapes.outputs(node)[index] as OutputType;
  }

  /** Where the value of a handle comes from; a handle never seen is captured. */
  reference(id: number): GraphReference {
    const known = this.#references.get(id);
    if (known) return known;
    const { metadata, ...source } = this.#capture(id);
    const node = this.placeholder("capture", { ...metadata, id });
    this.captures.push({ node, source });
    return { node, index: 0 };
  }

  /** The output of a function: a node of its own, so that inputs and repeated tensors can be outputs. */
  output(id: number): GraphReference {
    const reference = this.reference(id);
    const attributes = [{ name: "T", type: "type", value: this.type(reference).dtype }];
    return { node: this.#node(`output_${this.#count++}`, "Identity", [reference], attributes), index: 0 };
  }

  #node(
    name: string,
    op: string,
    inputs: readonly GraphReference[],
    attributes: readonly OpAttribute[],
    site?: string,
  ): GraphNode {
    return { name, op, inputs, attributes, site };
  }
}

function refuse(label: string, { name, stateful }: OpDefinition, given: readonly BindingAttribute[]): void {
  const padded = given.some((attribute) => attribute.name === "pad_to_max_output_size" && attribute.value);
  if (stateful && RANDOM.test(name)) {
    throw new CompileError(
      `${label}: ${name} draws from a hidden generator; use a stateless seeded operation such as the kernel StatelessRandomUniform, with the seed as an input`,
    );
  }
  if (stateful) {
    throw new CompileError(
      `${label}: ${name} changes state outside of the function; return the new value instead`,
    );
  }
  if (DATA_SHAPED.test(name) && !padded) {
    throw new CompileError(`${label}: ${dependsOnValues(name)}`);
  }
}

function dependsOnValues(op: string): string {
  return `the shape of ${op}'s result depends on values, which a recorded graph cannot follow; call it outside, or use a mask (tf.where) of fixed shape`;
}

/** The nodes that the outputs need, inputs before users. */
export function neededNodes(outputs: readonly GraphReference[]): Set<GraphNode> {
  const needed = new Set<GraphNode>();
  const stack: { node: GraphNode; next: number }[] = outputs.map(({ node }) => ({ node, next: 0 }));
  while (stack.length > 0) {
    const top = stack[stack.length - 1] as { node: GraphNode; next: number };
    const input = needed.has(top.node) ? undefined : top.node.inputs[top.next++];
    if (input) {
      if (!needed.has(input.node)) stack.push({ node: input.node, next: 0 });
    } else {
      needed.add(top.node);
      stack.pop();
    }
  }
  return needed;
}
