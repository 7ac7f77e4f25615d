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
export function seen(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.prerendering && document.visibilityState === "visible") resolve();
    };
    document.addEventListener("prerenderingchange", look);
    document.addEventListener("visibilitychange", look);
    look();
  });
}

/** False for automated browsers, opt-outs, and the owner's own browser (#no-count). */
export function counts(): boolean {
  const { hash } = location;
  const excluded = hash === "#no-count" || (hash !== "#count" && recall(NO_COUNT) === true);
  if (hash === "#no-count" || hash === "#count") remember(NO_COUNT, excluded);
  return !(excluded || navigator.webdriver || navigator.globalPrivacyControl);
}

/** Returns a random UUID. crypto.randomUUID is missing on pages without HTTPS. */
export function uuid(): string {
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+digit / 4)))).toString(16),
  );
}
