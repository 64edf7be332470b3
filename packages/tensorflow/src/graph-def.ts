import type { OpAttribute } from "./graph-ops.js";
import { MessageWriter } from "./protobuf.js";

/** One output of one node. */
export interface GraphReference {
  readonly node: GraphNode;
  readonly index: number;
}

/** A node before it is written: an operation, a constant, or an input of the function (`Placeholder`). */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly GraphReference[];
  readonly attributes: readonly OpAttribute[];
  /** Where the program made it, if asked for. */
  readonly site?: string | undefined;
}

/** The value of a `Const` node: little-endian bytes in row-major order. */
export interface ConstantValue {
  readonly type: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** The one value of every element, where there is but one; `bytes` is empty then. */
  readonly fill?: number;
}

// The GraphDef version of TensorFlow 2.9, for which the backend's kernels were
// written: later ones only add deprecations.
const PRODUCER = 1087;

/** The name by which the C API and NodeDef.input know a reference. */
export function referenceName({ node, index }: GraphReference): string {
  return `${node.name}:${index}`;
}

/** A serialised GraphDef (graph.proto) of nodes in any order. */
export function encodeGraph(nodes: Iterable<GraphNode>): Uint8Array {
  const graph = new MessageWriter();
  for (const node of nodes) graph.message(1, (message) => writeNode(message, node));
  return graph.message(4, (versions) => versions.integer(1, PRODUCER)).finish();
}

function writeNode(message: MessageWriter, node: GraphNode): void {
  message.string(1, node.name).string(2, node.op);
  for (const input of node.inputs) message.string(3, referenceName(input));
  for (const attribute of node.attributes) {
    message.message(5, (entry) =>
      entry.string(1, attribute.name).message(2, (value) => writeAttribute(value, attribute)),
    );
  }
}

/** A serialised AttrValue. */
export function attributeValue(attribute: OpAttribute): Uint8Array {
  const message = new MessageWriter();
  writeAttribute(message, attribute);
  return message.finish();
}

function writeConstant(message: MessageWriter, { type, shape, bytes, fill }: ConstantValue): void {
  message.integer(1, type).message(2, (sizes) => writeShape(sizes, shape));
  if (fill === undefined) message.bytes(4, bytes);
  else writeFill(message, type, fill);
}

const FLOAT = 1;
const INT32 = 3;
const BOOL = 10;

/** The types whose constants {@link ConstantValue.fill} can describe. */
export const FILLABLE: ReadonlySet<number> = new Set([FLOAT, INT32, BOOL]);

/** A TensorProto with one value stands for that value in every element. */
function writeFill(tensor: MessageWriter, type: number, value: number): void {
  if (type === FLOAT) tensor.float(5, value);
  else tensor.integer(type === INT32 ? 7 : 11, value);
}

function writeShape(message: MessageWriter, shape: readonly number[]): void {
  for (const size of shape) message.message(2, (dimension) => dimension.integer(1, size));
}

/** The field of AttrValue, and of its ListValue, for each kind of attribute (attr_value.proto). */
const FIELD: Readonly<Record<string, number>> = {
  string: 2,
  int: 3,
  float: 4,
  bool: 5,
  type: 6,
  shape: 7,
  tensor: 8,
};

function writeAttribute(message: MessageWriter, { name, type, value }: OpAttribute): void {
  const kind = type.startsWith("list(") ? type.slice(5, -1) : type;
  if (FIELD[kind] === undefined) throw new TypeError(`encodeGraph: attribute ${name} is of kind ${type}`);
  if (kind === type) writeValue(message, kind, value);
  else {
    message.message(1, (list) => {
      for (const element of value as readonly unknown[]) writeValue(list, kind, element);
    });
  }
}

function writeValue(message: MessageWriter, kind: string, value: unknown): void {
  const field = FIELD[kind] as number;
  if (kind === "string") message.string(field, value as string);
  else if (kind === "float") message.float(field, value as number);
  else if (kind === "tensor")
    message.message(field, (tensor) => writeConstant(tensor, value as ConstantValue));
  else if (kind === "shape") message.message(field, (shape) => writeShape(shape, value as number[]));
  else message.integer(field, value as number | boolean);
}
