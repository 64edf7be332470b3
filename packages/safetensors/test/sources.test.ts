import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  blobSource,
  encodeSafetensors,
  httpSource,
  openSafetensorsSource,
  type SafetensorsTensor,
} from "../src/index.js";

const tensors: [string, SafetensorsTensor][] = [
  ["ids", { dtype: "I64", shape: [2], data: BigInt64Array.of(-5n, 6n) }],
  ["weights", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ["none", { dtype: "U8", shape: [0], data: new Uint8Array(0) }],
];
const file = encodeSafetensors(tensors, { note: "n" });

describe("blobSource", () => {
  it("reads single tensors of a blob or a file that a user chose", async () => {
    for (const blob of [new Blob([file]), new File([file], "chosen.safetensors")]) {
      const open = await openSafetensorsSource(blobSource(blob));
      expect(open.metadata["note"]).toBe("n");
      for (const [name, tensor] of tensors) expect(await open.read(name)).toEqual(tensor);
      const called = blob instanceof File ? "chosen.safetensors" : "the blob";
      await expect(open.read("../x")).rejects.toThrow(`${called} must have the tensor "../x", got none`);
    }
    await expect(openSafetensorsSource(blobSource(new Blob([])))).rejects.toThrow(/at least 8 bytes, got 0/);
  });

  it("refuses a source that gives fewer bytes than it was asked for", async () => {
    const short = { size: 100, name: "it", read: async () => new Uint8Array(3) };
    await expect(openSafetensorsSource(short)).rejects.toThrow("it must give the 8 bytes from 0 on, got 3");
  });
});

describe("httpSource", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** Serves the file; `asked` gathers the ranges. */
  async function serve(options: { plain?: boolean; off?: number; tags?: string[] } = {}) {
    const asked: string[] = [];
    server = createServer((request, response) => {
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
      asked.push(request.headers.range ?? "none");
      if (request.url !== "/a") response.writeHead(404).end();
      else if (options.plain || range === null) response.writeHead(200).end(file);
      else {
        const [first, last] = [Number(range[1]), Math.min(Number(range[2]), file.length - 1)];
        const begin = first + (options.off ?? 0);
        const ETag = options.tags?.[Math.min(asked.length, options.tags.length) - 1] ?? '"1"';
        response.writeHead(206, { "Content-Range": `bytes ${begin}-${last}/${file.length}`, ETag });
        response.end(file.subarray(begin, last + 1));
      }
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, asked };
  }

  it("reads single tensors by ranges", async () => {
    const { url, asked } = await serve();
    const open = await openSafetensorsSource(await httpSource(`${url}/a`));
    for (const [name, tensor] of tensors) expect(await open.read(name)).toEqual(tensor);
    const place = open.tensors.get("weights")!;
    expect(asked).toContain(`bytes=${place.begin}-${place.end - 1}`);
    expect(asked).toHaveLength(4); // size field, header, two tensors
  });

  it("takes the caller's fetch, with the caller's headers", async () => {
    const { url } = await serve();
    const seen: string[] = [];
    const fetchWith: typeof fetch = (address, init) => {
      seen.push(String(address));
      return fetch(address, init);
    };
    await openSafetensorsSource(await httpSource(`${url}/a`, { fetch: fetchWith as never }));
    expect(seen).toEqual([`${url}/a`, `${url}/a`]);
  });

  it("refuses answers that are not the range", async () => {
    const { url } = await serve();
    await expect(httpSource(`${url}/none`)).rejects.toThrow(
      /must answer requests for a range with 206, got status 404/,
    );
    server?.close();
    const plain = await serve({ plain: true });
    await expect(httpSource(`${plain.url}/a`)).rejects.toThrow(/with 206, got the whole file/);
    server?.close();
    const off = await serve({ off: 1 });
    await expect(httpSource(`${off.url}/a`)).rejects.toThrow(/the range asked for, 0-7, got 1-7/);
  });

  it("notices that the file became another", async () => {
    const { url } = await serve({ tags: ['"1"', '"1"', '"2"'] });
    const open = await openSafetensorsSource(await httpSource(`${url}/a`));
    await expect(open.read("weights")).rejects.toThrow(
      /must stay as it is while it is read, got another file/,
    );
  });
});
