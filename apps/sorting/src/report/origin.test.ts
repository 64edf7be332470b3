import { describe, expect, it } from "vitest";
import { commandsOf } from "./origin.js";

const command = (models: string, lengths: string, seeds: string, more = "") => ({
  command: `sorting run --preset medium --models ${models} --lengths ${lengths} --seeds ${seeds} --out results${more}`,
});

describe("commandsOf", () => {
  it("tells cells of one grid by one command, in the order of the cells", () => {
    const cells = [command("b", "9", "1"), command("a", "9,20", "1"), command("a", "20", "2")];
    expect(commandsOf(cells)).toEqual([command("b,a", "9,20", "1,2").command]);
  });

  it("keeps commands apart that differ in anything else", () => {
    const cells = [command("a", "9", "1"), command("a", "9", "1", " --set x=1"), command("a", "9", "2")];
    expect(commandsOf(cells)).toEqual([
      command("a", "9", "1,2").command,
      command("a", "9", "1", " --set x=1").command,
    ]);
  });

  it("leaves a command without lists as it is", () => {
    expect(commandsOf([{ command: "sorting run" }, { command: "sorting run" }])).toEqual(["sorting run"]);
  });
});
