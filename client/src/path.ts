/** The path of a single-page app. */

let last: string;

/** Returns the path of the page; /a and /a/ are one. */
export function currentPath(): string {
  return location.pathname.replace(/\/$/, "");
}

/** Calls a function after each change of the path. Only the first call has an effect. */
export function watchPath(changed: () => void): void {
  if (last !== undefined) return;
  last = currentPath();
  const compare = (): void => {
    const path = currentPath();
    if (path === last) return;
    last = path;
    changed();
  };
  if (globalThis.navigation) {
    navigation.addEventListener("currententrychange", compare);
    return;
  }
  // Before Firefox 147 and Safari 26.2, no event says that a script has changed the URL.
  addEventListener("popstate", compare);
  for (const name of ["pushState", "replaceState"] as const) {
    const change = history[name];
    history[name] = (...values) => {
      change.apply(history, values);
      compare();
    };
  }
}
