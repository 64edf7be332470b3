import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { copiedGpt2, tinyGpt2 } from "./gpt2-run.js";
import { cli, temporaryFolder } from "./harness.js";

const copied = async (name: string): Promise<string> => copiedGpt2(join(await temporaryFolder(), name));

describe("a folder in Hugging Face layout", () => {
  it("is told apart from a run where a run is wanted", async () => {
    const { code, stderr } = await cli(["evaluate", tinyGpt2, "--backend", "cpu"]);
    expect(code).toBe(2);
    expect(stderr).toContain(`is trained from with --preset gpt2-small-tune --set model.from=${tinyGpt2}`);
  });

  it("is refused by inspect where its weights are not those of its configuration, or pickled", async () => {
    const inspected = async (own: string): Promise<string> => {
      const { code, stdout, stderr } = await cli(["inspect", own]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).not.toMatch(/^\s+at /m);
      return stderr;
    };
    const deep = await copied("inspected deep");
    const config = JSON.parse(await readFile(join(deep, "config.json"), "utf8"));
    await writeFile(join(deep, "config.json"), JSON.stringify({ ...config, n_layer: 3 }));
    const said = await inspected(deep);
    expect(said).toContain(deep);
    expect(said.match(/missing: .*h\.2\./g)).toHaveLength(12);
    await writeFile(join(deep, "config.json"), JSON.stringify({ ...config, n_head: 5 }));
    expect(await inspected(deep)).toContain("n_head must divide n_embd 24, got 5");
    const other = JSON.stringify({ model_type: "llama" });
    await writeFile(join(deep, "config.json"), other);
    expect((await cli(["inspect", deep])).code).toBe(0);
    const pickled = await copied("inspected pickle");
    await rename(join(pickled, "model.safetensors"), join(pickled, "pytorch_model.bin"));
    expect(await inspected(pickled)).toMatch(/pickle/);
  });
});
