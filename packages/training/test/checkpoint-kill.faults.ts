import { skipEach } from "@infinite-former/tooling-vitest/skip";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe } from "vitest";
import { killWhileAdvancing, killWhileReplacing } from "./kill-rounds.js";
import { bundleSaves } from "./saving-process.js";

const once = process.env["INFINITE_FORMER_BACKEND"] === "cpu";
beforeAll(async () => void (once && (await bundleSaves())));

describe("a process killed while it saves", () => {
  skipEach(!once && "no backend takes part: run once, with cpu");
  const counts = { number: 1, times: 200, everyTime: 50, timeout: 600_000 };
  const saves = "SIGKILL at a random instant while checkpoints are saved, one after the other";
  trial({ ...counts, fault: saves }, killWhileAdvancing);
  const replaces = "SIGKILL at a random instant while a checkpoint is replaced";
  trial({ ...counts, fault: replaces }, killWhileReplacing);
});
