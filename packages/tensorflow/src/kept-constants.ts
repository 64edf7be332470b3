import { captureHandle, isSymbol, neededNodes } from "./graph-builder.js";
import { encodeGraph, referenceName } from "./graph-def.js";
import type { GraphBackend, GraphBinding } from "./native-backend.js";
import type { Recording } from "./recorder.js";

const NAME = "infinite_former_kept";

/**
 * Computes what a function keeps (`tf.keep`) of constants and captures: such a
 * tensor outlives the recording, so it needs a value.
 *
 * @param binding the addon as it is outside of the recording
 */
export function keepConstants(
  backend: GraphBackend,
  binding: GraphBinding,
  { builder, watch, handle }: Recording,
): void {
  const kept = new Map<object, number>();
  for (const tensor of watch.kept) {
    if (tensor.isDisposed) continue;
    const id = handle(tensor);
    if (isSymbol(id)) kept.set(tensor.dataId, id);
  }
  if (kept.size === 0) return;
  const references = [...kept.values()].map((id) => builder.output(id));
  const needed = neededNodes(references);
  const inputs = builder.captures.filter(({ node }) => needed.has(node));
  binding.addGraphFunction(
    NAME,
    encodeGraph(needed),
    inputs.map(({ node }) => referenceName({ node, index: 0 })),
    references.map(referenceName),
  );
  try {
    const handles = Int32Array.from(inputs, (capture) => captureHandle(NAME, backend, capture));
    const flat = binding.runGraphFunction(NAME, handles, kept.size);
    let at = 0;
    for (const dataId of kept.keys()) {
      backend.tensorMap.get(dataId).id = flat[at] as number;
      at += 3 + (flat[at + 2] as number);
    }
  } finally {
    binding.removeGraphFunction(NAME);
  }
}
