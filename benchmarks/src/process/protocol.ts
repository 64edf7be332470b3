/** What a contender says once it has done its first unit of work. */
export interface Ready {
  /** From the start of the first call until its loss, or what stands for it, was read. */
  readonly firstStepSeconds: number;
  readonly parameters: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly peakRssBytes: number | null;
}

/** What a contender says after each turn. */
export interface Turn {
  /** For all units together. */
  readonly seconds: number;
  readonly units: number;
  readonly loss: number | null;
  /** The most memory that the process has held so far. */
  readonly peakRssBytes: number;
  /** From the contender that measures matrix products. */
  readonly gigaflopsPerSecond: number | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** A line in which a contender says that it is ready; `null` if it is none. */
export function parseReady(line: string): Ready | null {
  const fields = jsonObject(line);
  if (fields === null || fields["ready"] !== true) return null;
  const { firstStepSeconds, parameters, versions, peakRssBytes } = fields;
  if (!isTime(firstStepSeconds) || !isTime(parameters)) return null;
  if (versions !== undefined && (typeof versions !== "object" || versions === null)) return null;
  return {
    firstStepSeconds,
    parameters,
    versions: Object.fromEntries(Object.entries(versions ?? {}).map(([name, one]) => [name, String(one)])),
    peakRssBytes: isTime(peakRssBytes) ? peakRssBytes : null,
  };
}

/** A line in which a contender says how a turn of `units` went; `null` if it is none. */
export function parseTurn(line: string, units: number): Turn | null {
  const fields = jsonObject(line);
  if (fields === null || fields["units"] !== units) return null;
  const { seconds, loss, peakRssBytes, gigaflopsPerSecond } = fields;
  if (!isTime(seconds) || seconds === 0 || !isTime(peakRssBytes)) return null;
  return {
    seconds,
    units,
    loss: typeof loss === "number" ? loss : null,
    peakRssBytes,
    gigaflopsPerSecond: isTime(gigaflopsPerSecond) ? gigaflopsPerSecond : null,
  };
}

function jsonObject(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null; // no JSON: the caller says what it was
  }
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
