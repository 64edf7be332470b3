import type { Fixture, FixtureTensor, Limit } from "./fixture.js";
import { FixtureError, tensor } from "./fixture.js";

/** The worst tensor of a fixture so far, as its error's share of its limit. */
export interface Worst {
  readonly tensor: string;
  readonly error: number;
  readonly limit: number;
}

/** Which code made a value: plain float64 arrays, or tensors on the backend. */
export type Precision = "float64" | "float32";

/**
 * Compares what the code gives with every expected tensor of one fixture, and
 * knows at the end which were never compared.
 */
export class Comparison {
  readonly faults: string[] = [];
  worst: Worst | null = null;
  readonly #fixture: Fixture;
  readonly #seen = new Set<string>();

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
  }

  /** Compares one expected tensor with the numbers of the same layout. */
  check(name: string, got: ArrayLike<number>, precision: Precision): void {
    const want = tensor(this.#fixture, name);
    if (want.role === "input")
      throw new FixtureError(`${this.#fixture.name}: ${name} is an input, not expected`);
    this.#seen.add(name);
    if (got.length !== want.data.length) {
      this.faults.push(`${name}: ${got.length} numbers, expected ${want.data.length}`);
      return;
    }
    const limit = this.#limit(name, want, precision);
    let error = 0;
    let largest = 0;
    for (let i = 0; i < want.data.length; i++) {
      const w = want.data[i] as number;
      const difference = Math.abs((got[i] as number) - w);
      if (!Number.isFinite(difference)) {
        this.faults.push(`${name}[${i}]: got ${got[i]}, expected ${w}`);
        this.worst = { tensor: name, error: Number.NaN, limit: limit.abs };
        return;
      }
      error = Math.max(error, difference);
      largest = Math.max(largest, Math.abs(w));
    }
    const bound = limit.abs + limit.rel * largest;
    if (error > bound)
      this.faults.push(`${name}: error ${error.toExponential(2)} over ${bound.toExponential(2)}`);
    const share = bound === 0 ? (error > 0 ? Number.POSITIVE_INFINITY : 0) : error / bound;
    const before =
      this.worst === null ? -1 : this.worst.limit === 0 ? 0 : this.worst.error / this.worst.limit;
    if (share > before || this.worst === null) this.worst = { tensor: name, error, limit: bound };
  }

  /** Compares what is no tensor of the file, such as ids or a text: no difference is allowed. */
  checkExact(name: string, got: ArrayLike<unknown>, want: ArrayLike<unknown>): void {
    const length = Math.max(got.length, want.length);
    let error = 0;
    for (let i = 0; i < length; i++) if (!(i in got) || !(i in want) || got[i] !== want[i]) error++;
    if (error > 0) this.faults.push(`${name}: ${error} of ${length} differ`);
    if (error > 0 || this.worst === null) this.worst = { tensor: name, error, limit: 0 };
  }

  /** Adds a fault for every expected tensor that was never compared. */
  finish(): void {
    for (const [name, { role }] of this.#fixture.tensors) {
      if (role !== "input" && !this.#seen.has(name)) this.faults.push(`${name}: expected, never compared`);
    }
  }

  /** The rule of the fixture's `compare`; it stands above the older `tolerance`. */
  #limit(name: string, want: FixtureTensor, precision: Precision): Limit {
    if (want.integer) return { abs: 0, rel: 0 };
    const { compare, tolerance } = this.#fixture.json as {
      compare?: { rule?: string; float64?: Limit; float32?: Limit };
      tolerance?: Partial<Limit> | string;
    };
    const part = compare?.[precision] ?? compare?.float64;
    if (part !== undefined) return { abs: part.abs, rel: part.rel };
    const rule = compare?.rule ?? "";
    const within = /within ([\d.e+-]+)/.exec(rule);
    if (within !== null) return { abs: Number(within[1]), rel: 0 };
    const own = [...rule.matchAll(/(\w+) with rel_tol ([\d.e+-]+)/g)].find(([, last]) =>
      name.endsWith(`.${last}`),
    );
    const spoken = /<=\s*([\d.e+-]+)\s*\+\s*([\d.e+-]+|rel_tol)\s*\*/.exec(rule);
    if (spoken !== null) {
      const given = own === undefined ? want.relative : Number(own[2]);
      const rel = spoken[2] === "rel_tol" ? given : Number(spoken[2]);
      if (rel !== undefined) return { abs: Number(spoken[1]), rel };
    }
    if (typeof tolerance === "object" && tolerance.abs !== undefined && typeof tolerance.rel === "number") {
      return { abs: tolerance.abs, rel: tolerance.rel };
    }
    throw new FixtureError(`${this.#fixture.name}.json: no limit is given for ${name}`);
  }
}
