/** Stores values in localStorage. The element also works in browsers that block it. */

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {}
}

export function recall(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key)!);
  } catch {}
}
