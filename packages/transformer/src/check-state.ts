import { checkMemory } from "@infinite-former/memory";
import { assertShape, ShapeError } from "@infinite-former/tensor";
import { checkRows } from "./check-rows.js";
import { hasLongTerm, type TransformerConfig } from "./config.js";
import { recentCapacity, type TransformerState } from "./state.js";

/**
 * Checks that a state is one of this model; shapes and types are read, no values.
 *
 * @param fn in whose name the message speaks.
 * @throws {ShapeError} `ERR_SHAPE` naming the path of the first tensor that another model has.
 * @throws {ConfigError} `ERR_CONFIG` with the path of attention mass where sampling is uniform, or its absence where it is sticky.
 */
export function checkState(fn: string, config: TransformerConfig, state: TransformerState): void {
  const { batch } = assertShape(fn, "state.filled", state.filled, "[batch]");
  const { layers, modelSize: model, segmentLength } = config;
  const rows = { layers, batch, modelSize: model };
  checkRows(fn, "state.recent", state.recent, { ...rows, most: recentCapacity(config) });
  checkRows(fn, "state.current", state.current, { ...rows, most: segmentLength - 1 });
  const wanted = hasLongTerm(config) ? layers : 0;
  if (state.longTerm.length !== wanted) {
    throw new ShapeError(
      `${fn}: state.longTerm must hold ${wanted} memories, one a layer of an ∞-former, got ${state.longTerm.length}`,
    );
  }
  if (!hasLongTerm(config)) return;
  state.longTerm.forEach((memory, layer) => {
    checkMemory(fn, `state.longTerm.${layer}`, memory, config.longTerm, { batch, model });
  });
}
