// Reading aloud and listening, by the browser, where it can: many who write here would rather speak.

import { button } from "./dom.js";

/** Reads texts aloud; null where the browser has no voice. */
export function speakerOf(t) {
  const synth = window.speechSynthesis;
  if (!synth || !window.SpeechSynthesisUtterance) return null;
  let reading = null;
  const stop = () => {
    if (!reading) return; // the page may read something itself
    synth.cancel();
    reading.textContent = t.speak;
    reading = null;
  };
  return {
    stop,
    button(text) {
      const made = button(t.speak, () => {
        const again = reading === made;
        stop();
        if (again) return;
        const words = Object.assign(new SpeechSynthesisUtterance(text), { lang: "zh-CN", rate: 0.9 });
        words.onend = words.onerror = () => reading === made && stop();
        reading = made;
        made.textContent = t.silent;
        synth.speak(words);
      }, { class: "speak" });
      return made;
    },
  };
}

/** A button that turns speech into text for `heard(text)`, which the caller can still change; null where the browser cannot listen. */
export function listenButton(t, heard, told) {
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  if (!Recognition) return null;
  let listening = null;
  const made = button(t.listen, () => {
    if (listening) return listening.stop();
    listening = Object.assign(new Recognition(), { lang: "zh-CN", interimResults: false, maxAlternatives: 1 });
    listening.onresult = ({ results }) => heard(results[0][0].transcript);
    let end = "";
    listening.onerror = () => { end = t.unheard; };
    listening.onend = () => {
      listening = null;
      told(end);
      made.setAttribute("aria-pressed", "false");
    };
    made.setAttribute("aria-pressed", "true");
    told(t.listening);
    return listening.start();
  }, { class: "listen", title: t.listenTitle, "aria-pressed": "false" });
  return made;
}
