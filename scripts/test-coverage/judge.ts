export interface FileCoverage {
  /** From the repository's root. */
  path: string;
  lines: number;
  covered: number;
}

/** Percent of lines. */
export const MIN_OF_WORKSPACE = 90;
const JUDGED_AS_A_WHOLE = ['core-service', 'inference-service'];
export const MIN_OF_FILE = 70;

export function percent(files: Pick<FileCoverage, 'lines' | 'covered'>[]): number {
  const sum = (key: 'lines' | 'covered') => files.reduce((total, file) => total + file[key], 0);
  return sum('lines') === 0 ? 100 : (100 * sum('covered')) / sum('lines');
}

/** What is wrong, in sentences. `exceptions`: files that may have less, with their reasons. */
export function judge(
  workspaces: Map<string, FileCoverage[]>,
  exceptions: Map<string, string>,
): string[] {
  const files = [...workspaces.values()].flat();
  const low = new Set(
    files.filter((file) => percent([file]) < MIN_OF_FILE).map(({ path }) => path),
  );
  return [
    ...[...workspaces]
      .filter(
        ([name, files]) => JUDGED_AS_A_WHOLE.includes(name) && percent(files) < MIN_OF_WORKSPACE,
      )
      .map(([name]) => `${name} has less than ${MIN_OF_WORKSPACE} % of its lines tested.`),
    ...[...low]
      .filter((path) => !exceptions.has(path))
      .map(
        (path) => `${path} has less than ${MIN_OF_FILE} % and is not listed in CONTRIBUTING.md.`,
      ),
    ...[...exceptions.keys()]
      .filter((path) => !low.has(path))
      .map((path) => `CONTRIBUTING.md lists ${path}, which is gone or has ${MIN_OF_FILE} %.`),
  ];
}
