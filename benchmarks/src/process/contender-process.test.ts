import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ContenderProcess } from "./contender-process.js";

const fake = fileURLToPath(new URL("../../test/fake-peer.mjs", import.meta.url));

function start(manner: string, limits: { readySeconds?: number; turnSeconds?: number } = {}) {
  const who = `train-step tiny, ${manner}`;
  return ContenderProcess.start({ who, command: process.execPath, args: [fake, manner], ...limits });
}

describe("ContenderProcess", () => {
  it("gets ready, works in turns and quits", async () => {
    const peer = await start("well");
    expect(peer.ready).toEqual({
      firstStepSeconds: 0.25,
      parameters: 7,
      versions: { fake: "1" },
      peakRssBytes: null,
    });
    const turn = { seconds: 1.5, units: 3, loss: 2.5, peakRssBytes: 1001, gigaflopsPerSecond: null };
    expect(await peer.run(3)).toEqual(turn);
    expect(await peer.run(1)).toEqual({ ...turn, seconds: 0.5, units: 1, peakRssBytes: 1002 });
    await peer.quit();
    await peer.quit();
  });

  it.each([
    ["never-ready", "train-step tiny, never-ready: did not get ready within 0.4 s"],
    ["garbage-first", 'wrote "Downloading model…" where it must say that it is ready'],
    ["missing", "ended with exit code 3; its stderr ends:\nModuleNotFoundError: No module named 'torch'"],
  ])("refuses one that is %s at the start", async (manner, message) => {
    const refused = start(manner, { readySeconds: manner === "never-ready" ? 0.4 : 60 });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({
      code: "ERR_CONTENDER",
      exitCode: manner === "missing" ? 3 : null,
    });
  });

  it.each([
    ["hangs", "train-step tiny, hangs: did not finish run 2 within 0.4 s"],
    ["garbage", 'wrote "epoch 1 of 10" where it must give the time of run 2'],
    ["timeless", "where it must give the time of run 2"],
    ["negative", "where it must give the time of run 2"],
    ["other-units", "where it must give the time of run 2"],
  ])("ends one that %s in a turn", async (manner, message) => {
    const peer = await start(manner, { turnSeconds: manner === "hangs" ? 0.4 : 60 });
    await expect(peer.run(2)).rejects.toThrow(message);
    await peer.quit(); // has nothing left to end
  });

  it("names the case and the end of stderr when one dies in mid-run, then and later", async () => {
    const peer = await start("crash");
    await peer.run(1);
    const reason =
      "train-step tiny, crash: ended with exit code 139; its stderr ends:\nSegmentation fault in the second run";
    await expect(peer.run(1)).rejects.toThrow(reason);
    await expect(peer.run(1)).rejects.toThrow(reason);
  });

  it("ends by force one that does not quit", async () => {
    const peer = await start("will-not-quit");
    await peer.quit();
    await expect(peer.run(1)).rejects.toThrow("was ended by SIGKILL");
  });

  it("says that a program is not there", async () => {
    const nowhere = ContenderProcess.start({ who: "generate", command: "/no/such/python", args: [] });
    await expect(nowhere).rejects.toThrow("generate: cannot be started: spawn /no/such/python ENOENT");
  });
});
