/** Who is looking at this page, and whether somebody is. */

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

/** Resolves once the page is seen: not loaded in advance, and not in a tab behind another. */
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

/** Nobody counts who is a program, opted out, or owns the page and opened it with #no-count once. */
export function counts(): boolean {
  const { hash } = location;
  const excluded = hash === "#no-count" || (hash !== "#count" && recall(NO_COUNT) === true);
  if (hash === "#no-count" || hash === "#count") remember(NO_COUNT, excluded);
  return !(excluded || navigator.webdriver || navigator.globalPrivacyControl);
}

/** A random UUID. crypto.randomUUID is missing on pages without https. */
export function uuid(): string {
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+digit / 4)))).toString(16),
  );
}
