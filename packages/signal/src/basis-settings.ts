import { type Basis, type BasisKind, basisKinds, createBasis } from "./basis.js";
import { defaultPeriod } from "./fourier-basis.js";

/** A basis as the fields of a larger configuration; JSON. */
export interface BasisSettings {
  /** Which functions a memory is written in. */
  readonly basis: BasisKind;
  /** N, how many basis functions: with Gaussian functions a multiple of the number of widths, with B-splines at least 4. */
  readonly basisCount: number;
  /** Widths of the Gaussian basis functions, in positions; empty for other bases. */
  readonly basisWidths: readonly number[];
  /** Period of the Fourier functions, in positions; `null` for other bases. */
  readonly basisPeriod: number | null;
}

/** What is wrong with one field. */
export interface BasisFault {
  readonly path: keyof BasisSettings;
  /** What it must do, as in `be a whole number above 0`. */
  readonly must: string;
}

/** Widths of Gaussian functions and periods of Fourier functions where none are given, `[]` and `null` elsewhere. */
export function basisDefaults(
  kind: BasisKind,
  widths: readonly number[],
): Pick<BasisSettings, "basisWidths" | "basisPeriod"> {
  return {
    basisWidths: kind === "gaussian" ? widths : [],
    basisPeriod: kind === "fourier" ? defaultPeriod : null,
  };
}

/** Everything that is wrong with the settings of a basis, and what does not apply to it. */
export function basisFaults(settings: BasisSettings): BasisFault[] {
  const { basis, basisCount: count, basisWidths: widths, basisPeriod: period } = settings;
  if (!basisKinds.includes(basis)) {
    return [{ path: "basis", must: `be ${basisKinds.map((name) => JSON.stringify(name)).join(" or ")}` }];
  }
  const faults: BasisFault[] = [];
  const positive = (x: unknown): boolean => typeof x === "number" && Number.isFinite(x) && x > 0;
  const gaussian = basis === "gaussian";
  const widthsFit = gaussian
    ? Array.isArray(widths) && widths.length > 0 && widths.every(positive)
    : Array.isArray(widths) && widths.length === 0;
  if (!(Number.isSafeInteger(count) && count > 0)) {
    faults.push({ path: "basisCount", must: "be a whole number above 0" });
  } else if (gaussian && widthsFit && count % widths.length !== 0) {
    faults.push({ path: "basisCount", must: `be a multiple of the ${widths.length} basisWidths` });
  } else if (basis === "bspline" && count < 4) {
    faults.push({ path: "basisCount", must: 'be at least 4 where basis is "bspline"' });
  }
  if (!widthsFit) {
    const must = gaussian
      ? "be finite numbers above 0, at least one"
      : `be left out or [] where basis is ${JSON.stringify(basis)}`;
    faults.push({ path: "basisWidths", must });
  }
  if (basis === "fourier" ? !positive(period) : period !== null) {
    const must =
      basis === "fourier"
        ? "be a finite number above 0"
        : `be left out or null where basis is ${JSON.stringify(basis)}`;
    faults.push({ path: "basisPeriod", must });
  }
  return faults;
}

/** The basis that settings without faults describe. */
export function basisFromSettings({ basis, basisCount, basisWidths, basisPeriod }: BasisSettings): Basis {
  if (basis === "gaussian") return createBasis({ kind: basis, count: basisCount, widths: basisWidths });
  if (basis !== "fourier") return createBasis({ kind: basis, count: basisCount });
  return createBasis({
    kind: basis,
    count: basisCount,
    ...(basisPeriod === null ? {} : { period: basisPeriod }),
  });
}
