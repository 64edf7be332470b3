import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashFiles } from "./hash-files.js";

describe("hashFiles", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "infinite-former-hash-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("gives the digests that the standard's examples have, by name", async () => {
    await writeFile(join(folder, "empty"), "");
    await writeFile(join(folder, "abc.txt"), "abc");
    await writeFile(join(folder, "million"), "a".repeat(1e6));
    // FIPS 180-2, appendix B.
    expect(await hashFiles(folder, ["million", "empty", "abc.txt"])).toEqual({
      empty: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "abc.txt": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      million: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    });
  });

  it("passes on why a file cannot be read", async () => {
    await expect(hashFiles(folder, ["none"])).rejects.toMatchObject({ code: "ENOENT" });
    await expect(hashFiles(folder, ["."])).rejects.toMatchObject({ code: "EISDIR" });
  });
});
