// Larger letters for who wants them, also the next time; whoever does stands before others when he waits for a person.

const KEPT = "hotline-large";

export class LargePrint {
  /** `storage` returns where the wish is kept: a browser may forbid it, and then it holds for this page alone. */
  constructor(button, root, storage) {
    Object.assign(this, { button, root, storage });
    button.addEventListener("click", () => this.set(!this.large));
    this.show(this.kept());
  }

  set(large) {
    this.show(large);
    try {
      if (large) this.storage().setItem(KEPT, "1");
      else this.storage().removeItem(KEPT);
    } catch { /* only this page */ }
  }

  show(large) {
    this.large = large;
    this.root.classList.toggle("large", large);
    this.button.setAttribute("aria-pressed", String(large));
  }

  kept() {
    try {
      return this.storage().getItem(KEPT) === "1";
    } catch {
      return false;
    }
  }
}
