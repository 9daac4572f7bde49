// In every page before its own scripts: notes by frames what is to be seen, and how far the page was shifted.
(() => {
  const HOST = "hotline-12345";
  const root = () => document.querySelector(HOST)?.shadowRoot ?? document;
  const seen = (selector) => [...root().querySelectorAll(selector)].some((element) => element.getBoundingClientRect().width > 0);

  /** The time of the first frame in which `is()` holds. */
  const frame = (is) => new Promise((done) => {
    const look = () => (is() ? done(performance.now()) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  });

  const count = (selector) => root().querySelectorAll(selector).length;
  const bench = {
    shift: 0, count,
    launcher: (selector) => frame(() => seen(selector)),
    /** From the next `event` to the frame that shows more of `selector`; the answer is awaited as bench.told. */
    arm(event, selector) {
      const before = count(selector);
      bench.told = new Promise((done) => {
        window.addEventListener(event, ({ timeStamp }) => frame(() => count(selector) > before).then((at) => done(at - timeStamp)), { capture: true, once: true });
      });
    },
    /** Scroll the conversation from its end to its beginning in 60 steps; the longest frame, ms. */
    async scroll(selector) {
      let list = root().querySelector(selector);
      while (list.scrollHeight <= list.clientHeight + 1 || getComputedStyle(list).overflowY === "visible") list = list.parentElement;
      let longest = 0;
      let last = await new Promise(requestAnimationFrame);
      for (let step = 60; step >= 0; step -= 1) {
        list.scrollTop = (list.scrollHeight - list.clientHeight) * step / 60;
        const now = await new Promise(requestAnimationFrame);
        longest = Math.max(longest, now - last);
        last = now;
      }
      return longest;
    },
  };
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      if (sources.some(({ node }) => node && node.isConnected && document.contains(node) && !node.parentElement?.closest(HOST))) bench.shift += value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  window.bench = bench;
})();
