import type { MemoryConfig } from "@infinite-former/memory";

type Sizes = Pick<MemoryConfig, "basisCount" | "segmentLength" | "sampleCount">;
type Measured = Sizes & Partial<MemoryConfig>;

const language: Measured = {
  basisCount: 512,
  basisWidths: [0.005, 0.01],
  contraction: 0.5,
  ridge: 0.5,
  segmentLength: 512,
  sampleCount: 512,
};

/** Memories that long measurements look at: the authors' sorting and language models, the latter sticky too, and the trainer's default. */
export const memoryConfigs: Readonly<Record<"sorting" | "language" | "language-sticky" | "small", Measured>> =
  {
    sorting: { basisCount: 512, segmentLength: 1024, sampleCount: 512 },
    language,
    "language-sticky": { ...language, sampling: "sticky" },
    small: { basisCount: 32, segmentLength: 32, sampleCount: 64 },
  };
