/** Decides when and whether to count the visitor of this page. */

import { recall, remember } from "./memory.js";

declare global {
  interface Document {
    readonly prerendering?: boolean;
  }
  interface Navigator {
    readonly globalPrivacyControl?: boolean;
  }
}

const NO_COUNT = "visitor-counter#no-count";

/** What the address of this page has said; browsers that block localStorage forget it. */
let excluded: boolean | undefined;

/** Resolves when the page is visible: not prerendered and not in a background tab. */
export async function seen(): Promise<void> {
  while (document.prerendering || document.visibilityState !== "visible") {
    await new Promise((resolve) => {
      document.addEventListener("prerenderingchange", resolve);
      document.addEventListener("visibilitychange", resolve);
    });
  }
}

/** Returns why this visitor is not counted: the owner's choice, an opt-out, or an automated browser. */
export function exclusion(): string | undefined {
  obey();
  addEventListener("hashchange", obey); // adding it again changes nothing
  if (excluded ?? recall(NO_COUNT)) return "This browser has opened #no-count. #count undoes it.";
  if (navigator.globalPrivacyControl) return "This browser sends Global Privacy Control.";
  if (navigator.webdriver) return "This browser is automated.";
  return undefined;
}

/** Obeys #no-count and #count, and removes them from the address, which people copy and share. */
function obey(): void {
  const [command, no] = /^#(no-)?count$/.exec(location.hash) ?? [];
  if (!command) return;
  excluded = !!no;
  remember(NO_COUNT, excluded);
  history.replaceState(history.state, "", location.href.split("#")[0]);
  console.info(`${command}: visits of this browser are ${no ? "not " : ""}counted.`);
}

/**
 * Returns a random UUID. crypto.randomUUID is missing on pages without HTTPS. Math.random is
 * enough: the ID must be unique, not secret.
 */
export function uuid(): string {
  return "........-....-4...-8...-............".replace(/\./g, () =>
    Math.floor(Math.random() * 16).toString(16),
  );
}
