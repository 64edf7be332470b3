import { CompileError } from "./compile-error.js";
import { readFields, readString } from "./protobuf.js";

/** One input or output of a TensorFlow operation; a name is empty where the definition gives none. */
export interface OpArgument {
  readonly name: string;
  readonly type: number; // DataType, 0 where an attribute gives it
  readonly typeAttribute: string;
  readonly numberAttribute: string;
  readonly typeListAttribute: string;
}

/** What TensorFlow itself says about one of its operations (op_def.proto). */
export interface OpDefinition {
  readonly name: string;
  readonly inputs: readonly OpArgument[];
  readonly attributes: ReadonlyMap<string, { readonly type: string; readonly hasDefault: boolean }>;
  readonly stateful: boolean;
}

/** An attribute as the kernels of the backend pass it; `type` is the definition's word for it once resolved. */
export interface OpAttribute {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

function readArgument(bytes: Uint8Array): OpArgument {
  const argument = { name: "", type: 0, typeAttribute: "", numberAttribute: "", typeListAttribute: "" };
  for (const { field, value } of readFields(bytes)) {
    if (field === 1) argument.name = readString(value);
    else if (field === 3) argument.type = Number(value);
    else if (field === 4) argument.typeAttribute = readString(value);
    else if (field === 5) argument.numberAttribute = readString(value);
    else if (field === 6) argument.typeListAttribute = readString(value);
  }
  return argument;
}

function readDefinition(bytes: Uint8Array): OpDefinition {
  let name = "";
  let stateful = false;
  const inputs: OpArgument[] = [];
  const attributes = new Map<string, { type: string; hasDefault: boolean }>();
  for (const { field, value } of readFields(bytes)) {
    if (field === 1) name = readString(value);
    else if (field === 2) inputs.push(readArgument(value as Uint8Array));
    else if (field === 17) stateful = value !== 0;
    else if (field === 4) {
      let attribute = "";
      const entry = { type: "", hasDefault: false };
      for (const part of readFields(value as Uint8Array)) {
        if (part.field === 1) attribute = readString(part.value);
        else if (part.field === 2) entry.type = readString(part.value);
        else if (part.field === 3) entry.hasDefault = true;
      }
      attributes.set(attribute, entry);
    }
  }
  return { name, inputs, attributes, stateful };
}

/**
 * Looks operations up in a serialised OpList, as `TF_GetAllOpList` gives it.
 * Some 1,500 definitions are only skipped over; those asked for are read once.
 */
export function opDefinitions(list: Uint8Array): (op: string) => OpDefinition | undefined {
  const serialised = new Map<string, Uint8Array>();
  for (const { field, value } of readFields(list)) {
    if (field !== 1 || typeof value === "number") continue;
    for (const part of readFields(value)) {
      if (part.field !== 1) continue;
      serialised.set(readString(part.value), value);
      break;
    }
  }
  const definitions = new Map<string, OpDefinition>();
  return (op) => {
    const known = definitions.get(op);
    if (known) return known;
    const bytes = serialised.get(op);
    if (!bytes) return undefined;
    const definition = readDefinition(bytes);
    definitions.set(op, definition);
    return definition;
  };
}

/**
 * The attributes of one operation as a graph wants them: those given by the
 * kernel that the definition knows, and those that eager execution infers
 * from the inputs (types, list lengths, lists of types).
 *
 * @param inputTypes DataType of each input, in order
 * @throws CompileError if an attribute without default stays unknown
 */
export function completeAttributes(
  definition: OpDefinition,
  given: readonly { readonly name: string; readonly value: unknown }[],
  inputTypes: readonly number[],
): OpAttribute[] {
  const values = new Map<string, unknown>();
  for (const { name, value } of given) if (definition.attributes.has(name)) values.set(name, value);
  inferFromInputs(definition, values, inputTypes);
  const complete: OpAttribute[] = [];
  for (const [name, { type, hasDefault }] of definition.attributes) {
    if (values.has(name)) complete.push({ name, type, value: values.get(name) });
    else if (!hasDefault) {
      throw new CompileError(
        `compile: operation ${definition.name} must have its attribute ${name} (${type})`,
      );
    }
  }
  return complete;
}

/** How many tensors each argument of an operation has, −1 where it is no list. */
export function argumentSizes(definition: OpDefinition, attributes: readonly OpAttribute[]): number[] {
  const values = new Map(attributes.map(({ name, value }) => [name, value]));
  return definition.inputs.map(({ numberAttribute, typeListAttribute }) => {
    if (numberAttribute) return Number(values.get(numberAttribute));
    return typeListAttribute ? (values.get(typeListAttribute) as readonly unknown[]).length : -1;
  });
}

function inferFromInputs(
  definition: OpDefinition,
  values: Map<string, unknown>,
  inputTypes: readonly number[],
): void {
  const single = definition.inputs.filter(
    (input) => !input.numberAttribute && !input.typeListAttribute,
  ).length;
  const lists = definition.inputs.length - single;
  const infer = (name: string, value: unknown): void => {
    if (name && !values.has(name)) values.set(name, value);
  };
  let at = 0;
  for (const input of definition.inputs) {
    let count = 1;
    if (input.numberAttribute) {
      if (lists === 1) infer(input.numberAttribute, inputTypes.length - single);
      count = Number(values.get(input.numberAttribute) ?? 0);
    } else if (input.typeListAttribute) {
      const known = values.get(input.typeListAttribute) as readonly number[] | undefined;
      count = known?.length ?? inputTypes.length - single;
      infer(input.typeListAttribute, inputTypes.slice(at, at + count));
    }
    if (count > 0) infer(input.typeAttribute, inputTypes[at]);
    at += count;
  }
}
