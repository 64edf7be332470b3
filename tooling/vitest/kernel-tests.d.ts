/** The test files of a package that name kernels of our own, and those kernels. */
export declare function kernelTests(folder: string): { file: string; kernels: string[] }[];
