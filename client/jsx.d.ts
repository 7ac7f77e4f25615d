/**
 * Types of the elements in React, Vue and Svelte: `import type {} from "visitor-counter/jsx"`.
 * The frameworks that are not installed are ignored.
 */

interface Shared {
  /** The URL or path of the API, with its stage. */
  api: string;
  /** The counter's ID. */
  counter: string;
  /** The language for numbers and dates. Default: the nearest `lang`. */
  locale?: string;
}

export interface VisitorCounterAttributes extends Shared {
  show?: "visits" | "visitors" | "today";
  /** Text with {n} in place of the number, such as `{n} visits`. */
  label?: string;
  /** Shortens the number, such as 1.2K. */
  compact?: boolean | "";
  /** Counts each new path of a single-page app. */
  routes?: boolean | "";
}

export interface VisitorHistoryAttributes extends Shared {
  /** The number of days, including today. */
  days?: number | string;
}

// @ts-ignore: not installed
type React<Attributes> = Attributes & import("react").HTMLAttributes<HTMLElement>;
// @ts-ignore: not installed
type Svelte<Attributes> = Attributes & import("svelte/elements").HTMLAttributes<HTMLElement>;
type Vue<Attributes> = new () => { $props: Attributes };

// @ts-ignore: not installed
declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "visitor-counter": React<VisitorCounterAttributes>;
      "visitor-history": React<VisitorHistoryAttributes>;
    }
  }
}

// @ts-ignore: not installed
declare module "vue" {
  interface GlobalComponents {
    "visitor-counter": Vue<VisitorCounterAttributes>;
    "visitor-history": Vue<VisitorHistoryAttributes>;
  }
}

// @ts-ignore: not installed
declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "visitor-counter": Svelte<VisitorCounterAttributes>;
    "visitor-history": Svelte<VisitorHistoryAttributes>;
  }
}
