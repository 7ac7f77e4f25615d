/** <visitor-counter api="https://..." counter="resume" label="{n} visits"></visitor-counter> */

import { Base, define, isOn, localeOf } from "./element.js";
import type { Counter, Totals } from "./generated/api.js";
import { stop, viewOf, watch } from "./view.js";

declare global {
  interface HTMLElementTagNameMap {
    "visitor-counter": VisitorCounter;
  }
  interface GlobalEventHandlersEventMap {
    "visitor-counter:update": CustomEvent<Counter>;
    "visitor-counter:failure": CustomEvent<unknown>;
  }
}

export class VisitorCounter extends Base {
  static readonly observedAttributes = ["api", "counter", "show", "label", "compact", "locale"];

  readonly #output = document.createElement("output");
  #turn = 0;

  constructor() {
    super();
    this.#output.textContent = "\u200b"; // gives the line its height
    this.attachShadow({ mode: "open" }).append(this.#output);
  }

  connectedCallback(): void {
    watch(this);
    void this.#load();
  }

  disconnectedCallback(): void {
    stop(this);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) void this.#load();
  }

  /** Called at each later view of the page; `isRoute` if only its path has changed. */
  reload(isRoute: boolean): void {
    if (!isRoute || isOn(this, "routes")) void this.#load();
  }

  async #load(): Promise<void> {
    const api = this.getAttribute("api");
    const counter = this.getAttribute("counter");
    const turn = ++this.#turn;
    delete this.dataset.state;
    if (api === null || !counter) return;

    const [numbers, last] = viewOf(api, counter, isOn(this, "routes"));
    if (last && !(this.getAttribute("show") === "today" && isOver(last.today))) {
      this.#show(last, "known");
    }
    try {
      const fresh = await numbers;
      if (turn !== this.#turn) return;
      this.#show(fresh, "fresh");
      this.#dispatch("update", fresh);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (!this.dataset.state) {
        this.#output.replaceChildren();
        this.dataset.state = "none";
      }
      this.#dispatch("failure", error);
    }
  }

  #show({ visits, visitors, today }: Counter, state: string): void {
    const numbers: Record<string, number> = { visitors, today: today.visits };
    const number = numbers[this.getAttribute("show")!] ?? visits;
    const notation = isOn(this, "compact") ? "compact" : "standard";
    const span = document.createElement("span");
    span.part = "number";
    span.textContent = number.toLocaleString(localeOf(this), { notation });

    const label = this.getAttribute("label");
    if (label === null) {
      this.#output.replaceChildren(document.createElement("slot"), " ", span);
    } else {
      const [one = "", other = one] = label.split("|");
      const [before = "", after = ""] = (number === 1 ? one : other).split("{n}");
      this.#output.replaceChildren(before, span, after);
    }
    this.dataset.state = state;
  }

  #dispatch(name: string, detail: unknown): void {
    const options = { bubbles: true, composed: true, detail };
    this.dispatchEvent(new CustomEvent(`visitor-counter:${name}`, options));
  }
}

/** Returns whether the day (UTC) has ended. */
function isOver({ date }: Totals): boolean {
  return Date.parse(date) + 864e5 < Date.now();
}

define("visitor-counter", VisitorCounter);
