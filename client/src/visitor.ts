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

/** Resolves when the page is visible: not prerendered and not in a background tab. */
export async function seen(): Promise<void> {
  while (document.prerendering || document.visibilityState !== "visible") {
    await new Promise((resolve) => {
      document.addEventListener("prerenderingchange", resolve);
      document.addEventListener("visibilitychange", resolve);
    });
  }
}

/** False for automated browsers, opt-outs, and the owner's own browser (#no-count). */
export function counts(): boolean {
  const [command, no] = /^#(no-)?count$/.exec(location.hash) ?? [];
  if (command) remember(NO_COUNT, !!no);
  return !(no || recall(NO_COUNT) || navigator.webdriver || navigator.globalPrivacyControl);
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
