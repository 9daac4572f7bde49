// Looks of the launcher, and the ground of all others: a constructed sheet, which no policy of the page forbids. Sizes hang on :host's font.
// What the page says of our element loses against :host with !important; nothing else of it reaches in.

export default `
:host { all: initial !important; position: fixed !important; inset: auto 0 0 auto !important; z-index: 2147483000 !important; display: block !important; direction: ltr !important;
  font: 18px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif !important; color: #1b2430 !important; color-scheme: light !important; }
:host > * { --blue: #14508f; --line: #768494; --soft: #55606e; --red: #b3161b; --paper: #f3f5f8; }
:host(.large) { font-size: 25px !important; }
:host(.page) { inset: 0 !important; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button, .go, .call a { font: inherit; min-height: 2.2em; padding: .2em .8em; border-radius: .5em; border: 2px solid var(--blue); background: var(--blue); color: #fff; cursor: pointer; text-decoration: none; }
button:disabled { opacity: .5; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
.launch { position: fixed; right: 16px; bottom: 16px; border-radius: 2em; padding: .4em 1.1em; min-height: 3em; font-weight: 600; border-color: #fff; box-shadow: 0 3px 12px rgb(0 0 0 / .35); }
.launch:focus-visible { outline-color: #f0a500; box-shadow: 0 0 0 8px #1b2430; }
.launch b { background: #fff; color: var(--blue); border-radius: 1em; padding: 0 .5em; margin-left: .5em; }
@media (prefers-reduced-motion: no-preference) { .launch { animation: rise .15s ease-out; } @keyframes rise { from { opacity: 0; } } }
@media print { :host(:not(.printing)) { display: none !important; } }
`;
