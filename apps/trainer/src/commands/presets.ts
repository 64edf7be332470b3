import { type CommandCall, type CommonOptions, result, resultJson } from "@infinite-former/command-line";
import { presets } from "../config/presets.js";
import { presetConfig } from "../config/resolve.js";

/** `infinite-former presets`: each preset's name and what it trains, on what data, how large. */
export async function presetsCommand({ io }: CommandCall, options: CommonOptions): Promise<number> {
  const list = presets.map((preset) => ({ ...preset, config: presetConfig(preset) }));
  if (options.json === true) {
    resultJson(io, list);
    return 0;
  }
  const width = Math.max(...list.map(({ name }) => name.length));
  for (const { name, description, config, needs = [] } of list) {
    const { training, model, data } = config;
    const plain = model.kind !== "gpt2" && ["characters", "words"].includes(data.tokenizer);
    const token = plain ? data.tokenizer : "tokens";
    const { steps, epochs } = training;
    const length = epochs === null ? `${steps} steps` : `${epochs} ${epochs === 1 ? "pass" : "passes"}`;
    const corpus = needs.some(({ path }) => path === "data.text") ? "the text of data.text" : data.corpus;
    const size = `${corpus}, ${length} of ${training.batchSize} × ${model.segmentLength} ${token}`;
    result(io, `${name.padEnd(width)}  ${description}`);
    result(io, `${" ".repeat(width)}  (${size})`);
  }
  return 0;
}
