import { type InspectedBackend, inspectBackends } from "@infinite-former/backend";
import { type CommandCall, type CommonOptions, result, resultJson } from "@infinite-former/command-line";

/** `infinite-former doctor`: which backends work here, and how to mend those that do not. */
export async function doctorCommand({ io }: CommandCall, options: CommonOptions): Promise<number> {
  const inspection = await inspectBackends(options.backend);
  if (options.json === true) {
    resultJson(io, inspection);
    return 0;
  }
  result(io, `node ${inspection.node}`);
  for (const backend of inspection.backends) {
    result(io, describe(backend, backend.name === inspection.selected));
    if (backend.remedy !== null) result(io, `  to mend it: ${backend.remedy}`);
  }
  result(io, inspection.selected === null ? "no backend can be used" : `selected: ${inspection.selected}`);
  return 0;
}

function describe({ name, available, version, device, reason }: InspectedBackend, selected: boolean): string {
  const mark = selected ? "*" : " ";
  return available
    ? `${mark} ${name} ${version ?? ""} on ${device ?? "cpu"}`
    : `${mark} ${name}: not available: ${reason ?? "unknown"}`;
}
