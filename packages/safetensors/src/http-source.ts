import { SafetensorsError } from "./safetensors-error.js";
import type { SafetensorsSource } from "./source.js";

/** The part of a `Response` that is used. */
export interface ResponseLike {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { cancel(): Promise<void> } | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** How ranges are asked for. */
export interface HttpSourceOptions {
  /** Fetches; the global `fetch` by default. Credentials and further headers go in here. */
  readonly fetch?: (url: string, init: { headers: Record<string, string> }) => Promise<ResponseLike>;
}

/**
 * A file behind a URL whose server answers requests for ranges (`206 Partial
 * Content`), as object stores and model hubs do: single tensors without the rest.
 * Every later answer must be of the same version (`ETag`) and size.
 *
 * @param url the caller's own; nothing in a file is ever fetched
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if the server refuses, does not
 *   answer with the range, or the file changes between two answers.
 * @example
 * const file = await openSafetensorsSource(await httpSource(url));
 * const table = await file.read("wte.weight");
 */
export async function httpSource(url: string, options: HttpSourceOptions = {}): Promise<SafetensorsSource> {
  const get = options.fetch ?? (globalThis as unknown as Required<HttpSourceOptions>).fetch;
  const ask = async (begin: number, end: number) => {
    const response = await get(url, { headers: { Range: `bytes=${begin}-${end - 1}` } });
    const { headers, status } = response;
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "");
    if (status !== 206 || range === null) {
      await response.body?.cancel();
      const got = status === 200 ? "the whole file" : `status ${status}`;
      throw new SafetensorsError(`httpSource: ${url} must answer requests for a range with 206, got ${got}`);
    }
    const [first, last, size] = range.slice(1).map(Number) as [number, number, number];
    if (first !== begin || last >= end) {
      await response.body?.cancel();
      throw new SafetensorsError(
        `httpSource: ${url} must answer with the range asked for, ${begin}-${end - 1}, got ${first}-${last}`,
      );
    }
    return { response, size, tag: headers.get("etag") };
  };
  const { response, size, tag } = await ask(0, 8);
  const start = new Uint8Array(await response.arrayBuffer());
  return {
    size,
    name: url,
    async read(begin, end) {
      if (end <= start.length) return start.slice(begin, end);
      if (begin === end) return new Uint8Array(0);
      const next = await ask(begin, end);
      if (next.size !== size || next.tag !== tag) {
        await next.response.body?.cancel();
        throw new SafetensorsError(
          `httpSource: ${url} must stay as it is while it is read, got another file`,
        );
      }
      return new Uint8Array(await next.response.arrayBuffer());
    },
  };
}
