import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeMachine, fakeMachine } from "../test/support/fake-machine.js";
import { planNativeSetup, setupNative } from "./setup.js";

let machine: FakeMachine;
beforeEach(async () => {
  machine = await fakeMachine(false);
});
afterEach(() => machine.remove());

describe("setupNative", () => {
  skipEach(process.platform !== "linux" && "the trial uses a Linux machine's tools");
  it("reports a missing compiler with its remedy, before anything is downloaded", async () => {
    await machine.install("python3", 'case "$*" in *--version*) exit 0;; esac; echo null');
    const report = await setupNative({ env: machine.env });
    expect(report).toEqual({
      ok: false,
      reason: "there is no C++ compiler to build the addon with",
      remedy: expect.stringContaining("apt-get install g++"),
    });
  });

  it("reports a missing Python with its remedy", async () => {
    await machine.install("c++", "exit 0");
    expect(await setupNative({ env: machine.env })).toEqual({
      ok: false,
      reason: expect.stringContaining("no Python with pip"),
      remedy: expect.stringContaining("python3-pip"),
    });
  });

  it("takes no for an answer", async () => {
    const env = { ...machine.env, INFINITE_FORMER_NATIVE: "0" };
    expect(await setupNative({ env })).toMatchObject({ ok: false, remedy: "unset INFINITE_FORMER_NATIVE" });
    expect(await planNativeSetup({ env })).toMatchObject({ action: "unavailable", bytes: 0 });
  });

  it("reports a cache folder that cannot be made", async () => {
    await machine.install("c++", "exit 0");
    const env = { ...machine.env, XDG_CACHE_HOME: "/dev/null/cache" };
    expect(await setupNative({ env })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("cannot be made"),
      remedy: expect.stringContaining("XDG_CACHE_HOME"),
    });
  });
});

describe("planNativeSetup", () => {
  skipEach((process.platform !== "linux" || process.arch !== "x64") && "the sizes are those of Linux x64");
  it("tells the size of the download on a machine that has nothing", async () => {
    const plan = await planNativeSetup({ env: machine.env });
    expect(plan).toEqual({
      action: "download",
      bytes: 274_300_000,
      unpackedBytes: 860_000_000,
      reason: null,
    });
  });

  it("tells that of CUDA", async () => {
    const plan = await planNativeSetup({ env: machine.env, cuda: true });
    expect(plan.action).toBe("download");
    expect(plan.bytes).toBeGreaterThan(3e9);
  });
});
