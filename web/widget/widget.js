// The one line in a page: <script type="module" src="https://…/widget/widget.js" data-region="370100"></script>
// Further: data-lang="en", data-open (opened at once), data-mode="page" (fills the window), data-keep="tab" (for a machine that many use).

import { button, h } from "./dom.js";
import { Kept } from "./kept.js";
import looks from "./styles/launcher.js";

const BASE = new URL("../", import.meta.url);
const NAME = "hotline-12345";

class Widget {
  constructor({ region, lang, open, mode, keep } = {}) {
    this.page = mode === "page";
    this.region = region;
    this.opens = this.page || open !== undefined;
    const area = () => (keep === "tab" ? window.sessionStorage : window.localStorage);
    this.wishes = new Kept(area, `${NAME}:wish:`);
    this.kept = new Kept(area, `${NAME}:${BASE.host}:`);
    this.tab = new Kept(() => window.sessionStorage, `${NAME}:${BASE.host}:tab:`);
    this.worn = new Set();
    this.host = h(NAME);
    this.root = this.host.attachShadow({ mode: "open" });
    this.dress(looks);
    this.host.classList.toggle("page", this.page);
    this.large = Boolean(this.wishes.get("large"));
    this.lang = this.wishes.get("lang") ?? (lang === "en" ? "en" : "zh");
    this.setLarge(this.large);
    document.addEventListener("visibilitychange", () => (document.hidden ? this.panel?.away() : this.panel?.looked()));
    window.addEventListener("online", () => this.panel?.looked());
  }

  async mount() {
    document.documentElement.append(this.host); // beside the body: its transforms, filters and :last-child rules are not about us
    this.furnish(await this.words(this.lang));
    // A conversation that goes on is listened to in every page, for what a person answers meanwhile.
    if (this.opens) await this.show(true, this.page); // a page that opens us keeps the focus
    else if (this.kept.get("session")?.id) await this.build();
  }

  async words(lang) {
    return (await import(`./strings/${lang}.js`)).default;
  }

  furnish(t) {
    this.t = t;
    this.badge = h("b", { hidden: true });
    const fetched = () => import("./panel.js").catch(() => {}); // a moment before the tap
    this.launcher = button(this.t.open, () => this.show(true), {
      class: "launch", lang: this.t.lang, "aria-expanded": "false", onpointerenter: fetched });
    this.launcher.append(this.badge);
    this.root.append(this.launcher);
  }

  async build() {
    const { Panel } = await import("./panel.js");
    if (this.panel) return; // tapped meanwhile
    this.panel = new Panel(this.root, {
      t: this.t, base: BASE, kept: this.kept, tab: this.tab, region: this.region, isLarge: () => this.large, setLarge: (on) => this.setLarge(on),
      setLanguage: () => this.setLanguage(), dress: (css) => this.dress(css), onClose: this.page ? null : () => this.show(false),
      onUnread: (n) => this.tellUnread(n),
    });
    this.panel.show(false);
    if (!this.panel.started && this.kept.get("session")?.id) this.panel.start();
  }

  async show(on, focus = true) {
    try {
      if (!this.panel) await this.build();
    } catch { // no network, or too old a browser: then by telephone
      this.launcher.replaceWith(h("a", { class: "launch go", href: "tel:12345" }, this.t.ring));
      return;
    }
    this.panel.show(on, focus);
    this.launcher.hidden = on;
    this.launcher.setAttribute("aria-expanded", String(on));
    if (!on) this.launcher.focus();
  }

  dress(css) {
    if (this.worn.has(css)) return;
    this.worn.add(css);
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      this.root.adoptedStyleSheets = [...this.root.adoptedStyleSheets, sheet];
    } catch { // an older browser, where a strict policy of the page would forbid this
      this.root.append(h("style", null, css));
    }
  }

  tellUnread(count) {
    this.badge.hidden = !count;
    this.badge.textContent = count ? this.t.unread(count) : "";
  }

  setLarge(on) {
    this.large = on;
    this.wishes.set("large", on || null);
    this.host.classList.toggle("large", on);
  }

  /** Build everything anew in the other language; the conversation goes on where it was. */
  async setLanguage() {
    const lang = this.lang === "en" ? "zh" : "en";
    const t = await this.words(lang); // without a network nothing is torn down
    this.lang = lang;
    this.wishes.set("lang", lang);
    this.panel.leave();
    this.panel = null;
    this.launcher.remove();
    this.furnish(t);
    await this.show(true);
  }
}

// A module has no document.currentScript: it is told by its address.
const script = [...document.scripts].find(({ src }) => src === import.meta.url);
if (!document.querySelector(NAME)) new Widget(script?.dataset).mount();
