import process from "node:process";
import { startScript } from "@infinite-former/tooling-vitest/script";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { describe, expect, it } from "vitest";

describe("listenForStops", () => {
  skipEach(process.platform === "win32" && "Windows has no such signals");

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends at once on the second %s, whatever is under way", async (signal, code) => {
    const waiting = startScript(new URL("./two-signals.ts", import.meta.url));
    await waiting.said("listening");
    waiting.child.kill(signal);
    await waiting.said(`first ${signal}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    waiting.child.kill(signal);
    expect((await waiting.ended).code).toBe(code);
  });
});
