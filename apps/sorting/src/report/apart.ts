/**
 * Places of labels that would overlap: moved apart, in their order, as little
 * as it takes. Neighbours that touch form a group around the mean of where
 * they belong.
 *
 * @param wanted where each belongs.
 * @param gap least distance of two labels.
 * @returns the places, in the order of `wanted`.
 */
export function apart(
  wanted: readonly number[],
  gap: number,
  { least, most }: { readonly least: number; readonly most: number },
): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]! || a - b);
  let groups = order.map((index) => ({ members: [index], middle: wanted[index]! }));
  const halfOf = (members: readonly number[]): number => ((members.length - 1) * gap) / 2;
  const inside = (group: { members: number[]; middle: number }): typeof group => {
    const half = halfOf(group.members);
    return { ...group, middle: Math.min(Math.max(group.middle, least + half), most - half) };
  };
  for (let moved = true; moved; ) {
    moved = false;
    const merged: typeof groups = [];
    for (const group of groups.map(inside)) {
      const before = merged.at(-1);
      const touch =
        before !== undefined &&
        group.middle - halfOf(group.members) - (before.middle + halfOf(before.members)) < gap - 1e-9;
      if (!touch) {
        merged.push(group);
        continue;
      }
      const members = [...before.members, ...group.members];
      const middle = members.reduce((sum, index) => sum + wanted[index]!, 0) / members.length;
      merged[merged.length - 1] = inside({ members, middle });
      moved = true;
    }
    groups = merged;
  }
  const places = new Array<number>(wanted.length);
  for (const { members, middle } of groups) {
    members.forEach((index, rank) => {
      places[index] = middle - halfOf(members) + rank * gap;
    });
  }
  return places;
}
