/** Values that are costly to make, by key. */
export interface RecentlyUsed<K, V> {
  /** The value of this key, made now if it is not there. */
  get(key: K, make: () => V): V;
  /** Drops all. */
  clear(): void;
}

/** What decides how many values are held. */
export interface RecentlyUsedOptions<V> {
  /** Largest sum of sizes; the value used last stays in any case. */
  readonly limit: number;
  readonly size: (value: V) => number;
  /** Called with each value that goes. */
  readonly drop?: (value: V) => void;
}

/** Values by key, of which those used longest ago go where all together grow too large. */
export function recentlyUsed<K, V>({ limit, size, drop }: RecentlyUsedOptions<V>): RecentlyUsed<K, V> {
  const values = new Map<K, V>(); // in the order of use
  let total = 0;
  const remove = (key: K, value: V): void => {
    values.delete(key);
    total -= size(value);
    drop?.(value);
  };
  return {
    get(key, make) {
      const found = values.get(key);
      if (found !== undefined) {
        values.delete(key);
        values.set(key, found);
        return found;
      }
      const value = make();
      values.set(key, value);
      total += size(value);
      for (const [oldKey, old] of values) {
        if (total <= limit || oldKey === key) break;
        remove(oldKey, old);
      }
      return value;
    },
    clear() {
      for (const [key, value] of values) remove(key, value);
    },
  };
}
