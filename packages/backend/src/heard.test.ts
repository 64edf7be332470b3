import { afterEach, describe, expect, it, vi } from "vitest";
import { heard } from "./heard.js";

afterEach(() => vi.restoreAllMocks());

describe("heard", () => {
  it("prints what was printed, in order, where nothing is thrown", async () => {
    const calls: unknown[] = [];
    for (const method of ["log", "warn"] as const) {
      vi.spyOn(console, method).mockImplementation((...args) => void calls.push([method, ...args]));
    }
    const result = await heard(async () => {
      globalThis.console.warn("one", 1);
      await Promise.resolve();
      globalThis.console.log("two");
      expect(calls).toEqual([]);
      return 7;
    });
    expect(result).toBe(7);
    expect(calls).toEqual([
      ["warn", "one", 1],
      ["log", "two"],
    ]);
  });

  it("gives the lines with the error where one is thrown, and prints nothing", async () => {
    const spy = vi.spyOn(console, "error").mockImplementation(() => {});
    const failing = heard(async () => {
      globalThis.console.error("it", "broke");
      throw new Error("no");
    });
    await expect(failing).rejects.toMatchObject({ message: "no", heard: ["it broke"] });
    expect(spy).not.toHaveBeenCalled();
    globalThis.console.error("after");
    expect(spy).toHaveBeenCalledWith("after");
  });
});
