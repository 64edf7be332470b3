import { assertShape, ShapeError } from "@infinite-former/tensor";
import { checkRows } from "./check-rows.js";
import { hasLongTerm, type TransformerConfig } from "./config.js";
import { recentCapacity, type TransformerState } from "./state.js";

/**
 * Checks that a state is one of this model; only shapes are read.
 *
 * @param fn in whose name the message speaks.
 * @throws {ShapeError} `ERR_SHAPE` naming the path of the first tensor that another model has.
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
  const { basisCount: basis, stickyBins: bins, sampling } = config.longTerm;
  state.longTerm.forEach(({ coefficients, segments, attended }, layer) => {
    const at = `state.longTerm.${layer}`;
    assertShape(fn, `${at}.coefficients`, coefficients, "[batch, basis, model]", { batch, basis, model });
    assertShape(fn, `${at}.segments`, segments, "[batch]", { batch });
    if ((attended !== undefined) !== (sampling === "sticky")) {
      const must = sampling === "sticky" ? "be there" : "not be there";
      throw new ShapeError(`${fn}: ${at}.attended must ${must} where sampling is ${sampling}`);
    }
    if (attended) assertShape(fn, `${at}.attended`, attended, "[batch, bins]", { batch, bins });
  });
}
