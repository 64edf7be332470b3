import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAtMost } from "./read-at-most.js";

describe("readAtMost", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "infinite-former-read-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("reads up to the limit and not a byte more", async () => {
    const path = join(folder, "some");
    await writeFile(path, "whale");
    expect((await readAtMost(path, 5))?.toString()).toBe("whale");
    expect((await readAtMost(path, 6))?.toString()).toBe("whale");
    expect(await readAtMost(path, 4)).toBeNull();
    await writeFile(path, "");
    expect((await readAtMost(path, 4))?.length).toBe(0);
  });

  it("holds no more than the limit of a file of 10 GB", async () => {
    const path = join(folder, "large");
    await writeFile(path, "");
    await truncate(path, 10 * 2 ** 30);
    const before = process.memoryUsage().rss;
    expect(await readAtMost(path, 1e6)).toBeNull();
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  it.skipIf(process.platform === "win32")("comes back from a device without end", async () => {
    expect(await readAtMost("/dev/zero", 1e6)).toBeNull();
  });

  it("fails with the system's error", async () => {
    await expect(readAtMost(join(folder, "none"), 9)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(readAtMost(folder, 9)).rejects.toMatchObject({ code: "EISDIR" });
  });
});
