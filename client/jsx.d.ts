/** Types of the elements in React's JSX: `import type {} from "visitor-counter/jsx"`. */

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

type Markup<Attributes> = Attributes & import("react").HTMLAttributes<HTMLElement>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "visitor-counter": Markup<VisitorCounterAttributes>;
      "visitor-history": Markup<VisitorHistoryAttributes>;
    }
  }
}
