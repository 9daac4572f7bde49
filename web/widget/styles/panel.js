// Looks of the conversation, on the ground of launcher.js.

export default `
.panel { position: fixed; right: 16px; bottom: 16px; width: min(23em, calc(100vw - 32px)); height: min(38em, calc(100vh - 32px)); height: min(38em, calc(100dvh - 32px)); display: flex; flex-direction: column; background: var(--paper); border: 1px solid var(--line); border-radius: .7em; overflow: hidden auto; box-shadow: 0 6px 30px rgb(0 0 0 / .35); }
.large .panel, :host(.large) .panel { width: min(25em, calc(100vw - 32px)); height: calc(100vh - 32px); height: calc(100dvh - 32px); }
:host(.page) .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; box-shadow: none; }
header { background: var(--blue); color: #fff; padding: .4em .7em; }
header .top button { flex: none; }
header .top { display: flex; gap: .4em; align-items: center; }
h2, h3, h4, p, ul, ol, dl { margin: 0; }
header h2 { flex: 1; font-size: 1.1em; line-height: 1.3; }
header p { font-size: .85em; }
header button, nav button { background: #fff; color: var(--blue); border-color: #fff; padding: 0 .6em; min-height: 1.9em; font-weight: 600; }
[aria-pressed=true] { color: #1b2430; background: #ffe9b0; border-color: #ffe9b0; }
nav { display: flex; flex-wrap: wrap; gap: .4em; padding: .4em .7em; background: #fff; border-bottom: 1px solid var(--line); }
nav button { border-color: var(--blue); font-size: .9em; }
header :focus-visible { outline-color: #f0a500; }
nav .human { background: var(--blue); color: #fff; }
.log { flex: 1; min-height: 7em; overflow-y: auto; position: relative; padding: .7em; display: flex; flex-direction: column; gap: .6em; overscroll-behavior: contain; }
.log > * { width: 100%; max-width: 40em; margin: 0 auto; flex: none; }
.message { display: flex; flex-direction: column; align-items: flex-start; }
.who, .seen, .hint, small { font-size: .75em; color: var(--soft); }
.bubble { background: #fff; border: 1px solid #c9d2dd; border-radius: .3em .9em .9em; padding: .4em .8em; white-space: pre-wrap; overflow-wrap: anywhere; max-width: 92%; }
.bubble:empty { display: none; }
.caller { align-items: flex-end; }
.caller .bubble { background: var(--blue); border-color: var(--blue); color: #fff; border-radius: .9em .3em .9em .9em; }
.waiting .bubble { border: 2px dashed #fff; }
.operator .bubble { background: #e8f5ea; border-color: #9ec9a5; }
.system { align-items: center; }
.system .bubble { background: none; border: 0; color: var(--soft); font-size: .9em; text-align: center; }
.alarm .bubble { border: 3px solid var(--red); font-size: 1.15em; font-weight: 600; }
.call { display: flex; flex-wrap: wrap; gap: .5em; margin: .3em 0; }
.call a { background: var(--red); border-color: var(--red); font-weight: 700; font-size: 1.15em; }
.card { background: #fff; border: 1px solid #c9d2dd; border-left: .3em solid var(--blue); border-radius: .5em; padding: .5em .8em; margin-top: .3em; width: 100%; overflow-wrap: anywhere; }
.card h3 { font-size: 1.1em; }
.card h4 { margin-top: .4em; font-size: .95em; color: var(--blue); }
.card ul, .card ol { padding-left: 1.3em; }
.card a { color: var(--blue); display: inline-block; }
.card a.go { color: #fff; margin: .3em 0; }
.card .number { font-size: 1.2em; font-weight: 700; letter-spacing: .04em; }
.card .checks { list-style: none; padding: 0; }
.checks label { display: flex; gap: .5em; padding: .15em 0; }
input[type=checkbox], input[type=radio] { font: inherit; width: 1.2em; height: 1.2em; min-width: 1.2em; margin: .2em 0 0; accent-color: var(--blue); vertical-align: -.15em; }
.count, .source { font-size: .8em; color: var(--soft); }
.card .timeline { list-style: none; padding: 0; }
.timeline li { border-left: 3px solid var(--blue); margin-left: .4em; padding: 0 0 .5em .9em; position: relative; }
.timeline li::before { content: ""; position: absolute; left: -.47em; top: .45em; width: .8em; height: .8em; border-radius: 50%; background: var(--blue); }
.step, .tools button, .options button, .examples button, .speak { background: #fff; color: var(--blue); border-width: 1px; text-align: left; min-height: 1.8em; }
.speak { font-size: .75em; margin-top: .2em; }
.step { margin: .1em 0; }
.tools, .options, .examples, .row, .actions { display: flex; flex-wrap: wrap; gap: .4em; margin-top: .4em; }
.examples { margin: 0; }
footer { background: #fff; border-top: 1px solid var(--line); padding: .5em .7em; display: flex; flex-direction: column; gap: .3em; }
footer > * { width: 100%; max-width: 40em; margin: 0 auto; }
.notice { background: #fff4d6; border-radius: .4em; padding: .2em .6em; font-size: .9em; }
.composer { display: flex; gap: .4em; align-items: flex-end; }
textarea, input:not([type=radio], [type=checkbox], [type=file]) { font: inherit; color: inherit; width: 100%; padding: .35em .6em; border: 2px solid var(--line); border-radius: .5em; background: #fff; resize: none; }
.composer textarea { flex: 1; min-width: 0; max-height: 6em; }
.composer button { flex: none; }
input[type=file] { font-size: .85em; width: 100%; }
.danger { font-size: .8em; color: var(--soft); text-align: center; }
.danger a { color: var(--red); font-weight: 700; display: inline-block; min-height: 24px; padding: 0 .3em; }
dialog { scroll-padding-bottom: 4em; font: inherit; color: inherit; width: min(34em, calc(100vw - 16px)); max-height: calc(100vh - 16px); max-height: calc(100dvh - 16px); border: 1px solid var(--line); border-radius: .7em; padding: .8em 1em; }
dialog::backdrop { background: rgb(20 30 45 / .55); }
dialog h2 { font-size: 1.2em; }
dialog label { display: block; margin: .4em 0; }
fieldset { border: 1px solid var(--line); border-radius: .5em; margin: .4em 0; padding: 0 .6em .2em; }
.choices { display: grid; grid-template-columns: repeat(3, 1fr); }
.grades .choices { grid-template-columns: 1fr; }
.error { color: var(--red); font-weight: 600; }
.actions { position: sticky; bottom: -.8em; background: #fff; padding: .5em 0; }
.actions button, .row > input { flex: 1; }
.quiet { background: #fff; color: var(--blue); }
.stages { list-style: none; padding: 0; display: flex; margin: .5em 0; font-size: .85em; }
.stages li { flex: 1; text-align: center; border-top: .4em solid #c9d2dd; }
.stages .done { border-color: var(--blue); font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1em .8em; }
dt { color: var(--soft); } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
:host(.large) :is(.source, .examples, .save, .who, .rare) { display: none; }
:host(.large) { color: #000 !important; }
:host(.large) > * { --blue: #0a3263; --soft: #1b2430; --line: #1b2430; --paper: #fff; }
:host(.large) :is(.bubble, .card) { border-color: #1b2430; }
@media (max-width: 30em), (max-height: 30em) { .panel, :host(.large) .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } :host(.large) { font-size: 22px !important; } }
@media (prefers-reduced-motion: no-preference) { .panel { animation: rise .15s ease-out; } @keyframes rise { from { opacity: 0; } } }
@media (prefers-contrast: more) { :host > * { --soft: #1b2430; } .bubble, .card { border-color: #1b2430; } }
@media print { :host(.printing), .panel, .log { position: static !important; display: block; height: auto !important; width: auto !important; overflow: visible; border: 0; box-shadow: none; }
  :host(.printing) :is(header, nav, footer, .launch, .tools, .message > :not(.printed), .log > :not(.message)) { display: none !important; } }
`;
