/** <visitor-counter api="https://..." counter="resume">Visits</visitor-counter> */

import type { Counter, Totals } from "./generated/api.js";
import { lastKnown, view } from "./view.js";

declare global {
  interface HTMLElementTagNameMap {
    "visitor-counter": VisitorCounter;
  }
  interface GlobalEventHandlersEventMap {
    "visitor-counter:update": CustomEvent<Counter>;
    "visitor-counter:failure": CustomEvent<unknown>;
  }
}

/** SHA-256 of the openapi.yaml that this file was built from. */
declare const CONTRACT: string;

const SHOWN: Record<string, (counter: Counter) => number> = {
  visits: (counter) => counter.visits,
  visitors: (counter) => counter.visitors,
  today: (counter) => counter.today.visits,
};

const STYLE = `
:host { display: inline-block }
:host([hidden]) { display: none }
:host(:not([data-state])) output { visibility: hidden }
span {
  display: inline-block;
  min-width: var(--visitor-counter-width, 5ch);
  color: var(--visitor-counter-color, inherit);
  font-variant-numeric: tabular-nums;
}
span::before { content: "\\200b" }`;

export class VisitorCounter extends HTMLElement {
  static readonly contract = CONTRACT;
  static readonly observedAttributes = ["api", "counter", "show", "locale"];

  readonly #number = document.createElement("span");
  #turn = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    const output = document.createElement("output");
    output.part = "counter";
    output.ariaLive = "polite";
    this.#number.part = "number";
    output.append(document.createElement("slot"), " ", this.#number);
    root.append(output);
  }

  connectedCallback(): void {
    void this.#load();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) void this.#load();
  }

  async #load(): Promise<void> {
    const api = this.getAttribute("api");
    const counter = this.getAttribute("counter");
    const turn = ++this.#turn;
    delete this.dataset.state;
    if (api === null || !counter) return;

    const last = lastKnown(api, counter);
    if (last && !(this.getAttribute("show") === "today" && isOver(last.today))) {
      this.#show(last, "known");
    }
    try {
      const numbers = await view(api, counter);
      if (turn !== this.#turn) return;
      this.#show(numbers, "fresh");
      this.#dispatch("update", numbers);
    } catch (error) {
      if (turn === this.#turn) this.#dispatch("failure", error);
    }
  }

  #show(counter: Counter, state: string): void {
    const number = (SHOWN[this.getAttribute("show")!] ?? SHOWN.visits!)(counter);
    this.#number.textContent = format(number, this.#locale());
    this.dataset.state = state;
  }

  #locale(): string | undefined {
    return this.getAttribute("locale") ?? this.closest<HTMLElement>("[lang]")?.lang;
  }

  #dispatch(name: string, detail: unknown): void {
    const options = { bubbles: true, composed: true, detail };
    this.dispatchEvent(new CustomEvent(`visitor-counter:${name}`, options));
  }
}

/** Returns whether the day (UTC) has ended. */
function isOver({ date }: Totals): boolean {
  return date !== new Date().toISOString().slice(0, 10);
}

function format(number: number, locale: string | undefined): string {
  try {
    return number.toLocaleString(locale);
  } catch {
    return number.toLocaleString(); // `locale` is not a valid language tag
  }
}

if (!customElements.get("visitor-counter")) {
  customElements.define("visitor-counter", VisitorCounter);
}
