import { describe, expect, it } from "vitest";
import { collect, positiveInteger } from "./arguments.js";
import { TrainingError, UsageError } from "./errors.js";
import { result } from "./io.js";
import { type ProgramBuilder, runProgram } from "./program.js";

const name = { name: "sail", description: "Goes over the sea.", version: "1.2.3" };

async function program(argv: readonly string[], env: Record<string, string> = {}) {
  const out = { stdout: "", stderr: "" };
  const io = {
    stdout: { write: (text: string) => (out.stdout += text) },
    stderr: { write: (text: string) => (out.stderr += text) },
    interactive: false,
    env,
    cwd: "/",
  };
  const build = ({ call, verb, run }: ProgramBuilder): void => {
    verb("go", "goes")
      .argument("[place]")
      .option("--knots <n>", "speed", positiveInteger)
      .option("--stop <place>", "a stop", collect, [])
      .action(
        run(async ([place], options) => {
          result(call.io, JSON.stringify({ typed: call.typed, place, ...options }));
          return 130;
        }),
      );
    verb("sink", "fails").action(run(() => Promise.reject(new TrainingError("water: must stay outside"))));
    verb("guess", "asks wrongly").action(run(() => Promise.reject(new UsageError("port: must be named"))));
    verb("fly", "has no engine").action(
      run(() =>
        Promise.reject(Object.assign(new Error("none"), { code: "ERR_BACKEND", remedy: "build it" })),
      ),
    );
  };
  return { code: await runProgram(name, argv, io, build), ...out };
}

describe("runProgram", () => {
  it("gives a verb its arguments, and its exit code to the caller", async () => {
    const { code, stdout } = await program(["go", "Cape Horn", "--knots", "9", "--stop", "a", "--stop", "b"]);
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toEqual({
      typed: "sail go 'Cape Horn' --knots 9 --stop a --stop b",
      place: "Cape Horn",
      knots: 9,
      stop: ["a", "b"],
      backend: "auto",
    });
  });

  it.each([
    [["gone"], 2, "sail: unknown command 'gone'"],
    [["go", "--knots", "0"], 2, "It must be an integer of at least 1."],
    [["go", "--backend", "gpu"], 2, "Allowed choices are auto, tensorflow, wasm, cpu"],
    [["guess"], 2, "sail: port: must be named\n"],
    [["sink"], 1, "sail: water: must stay outside\n"],
    [["fly"], 1, "sail: none\n  build it\n"],
  ])("says what is wrong with %j and ends with %i", async (argv, wanted, message) => {
    const { code, stdout, stderr } = await program(argv);
    expect(code).toBe(wanted);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it("takes a backend that its user switched off for a wrong argument, and shows stacks when asked", async () => {
    const { code, stderr } = await program(["fly"], { INFINITE_FORMER_NATIVE: "0", DEBUG: "1" });
    expect(code).toBe(2);
    expect(stderr).toMatch(/\n {4}at /);
  });

  it("prints its version and help to stdout", async () => {
    expect(await program(["--version"])).toMatchObject({ code: 0, stdout: "1.2.3\n" });
    expect((await program(["--help"])).stdout).toContain("Goes over the sea.");
  });
});
