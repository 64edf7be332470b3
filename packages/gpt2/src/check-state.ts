import { checkMemory } from "@infinite-former/memory";
import { assertShape, ShapeError } from "@infinite-former/tensor";
import { checkRows } from "@infinite-former/transformer";
import type { Gpt2Config } from "./config.js";
import { memoryLayers, remembers } from "./config.js";
import { type Gpt2State, unfinished } from "./state.js";

/**
 * Checks that a state is one of this GPT-2; shapes and types are read, no values.
 *
 * @param fn in whose name the message speaks.
 * @throws {ShapeError} `ERR_SHAPE` naming the path of the first tensor that another model has.
 * @throws {ConfigError} `ERR_CONFIG` with the path of attention mass where sampling is uniform, or its absence where it is sticky.
 */
export function checkState(fn: string, config: Gpt2Config, state: Gpt2State): void {
  const { batch } = assertShape(fn, "state.waiting", state.waiting, "[batch]");
  const { heads, headSize, layers, modelSize: model, segmentLength } = config;
  const none = (path: string, count: number, wanted: string): void => {
    throw new ShapeError(`${fn}: ${path} must hold ${wanted}, got ${count}`);
  };
  if (![0, layers].includes(state.cache.length)) {
    none("state.cache", state.cache.length, `${layers} layers or none`);
  }
  const rows = unfinished(state);
  state.cache.forEach((cache, layer) => {
    for (const name of ["keys", "values"] as const) {
      const pattern = "[batch, heads, rows, headSize]";
      assertShape(fn, `state.cache.${layer}.${name}`, cache[name], pattern, { batch, heads, rows, headSize });
    }
  });
  const memories = memoryLayers(config).length;
  const own = remembers(config) ? memories : 0;
  const kept = { layers: memories, batch, modelSize: model };
  checkRows(fn, "state.current", state.current, { ...kept, most: segmentLength - 1 });
  checkRows(fn, "state.previous", state.previous, { ...kept, most: segmentLength });
  if (state.longTerm.length !== own) {
    none("state.longTerm", state.longTerm.length, `${own} memories, one a layer of a GPT-2 that has them`);
  }
  const compressed = state.compressed.map((memory) => memory.rows);
  checkRows(fn, "state.compressed", compressed, {
    ...kept,
    layers: config.compressed === undefined ? 0 : memories,
    most: config.compressed?.length ?? 0,
  });
  state.compressed.forEach(({ filled }, slot) => {
    assertShape(fn, `state.compressed.${slot}.filled`, filled, "[batch]", { batch });
  });
  if (!remembers(config)) return;
  state.longTerm.forEach((memory, layer) => {
    checkMemory(fn, `state.longTerm.${layer}`, memory, config.longTerm, { batch, model });
  });
}
