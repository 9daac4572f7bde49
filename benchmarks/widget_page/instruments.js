// In every page before its own scripts: notes by frames what is to be seen, and how far the page was shifted.
(() => {
  const OURS = "hotline-12345";
  const root = () => document.querySelector(OURS)?.shadowRoot ?? document;
  const seen = (selector) => [...root().querySelectorAll(selector)].some((element) => element.getBoundingClientRect().width > 0);

  /** The time of the first frame in which `is()` holds; waits a minute at most. */
  const frame = (is) => new Promise((done, failed) => {
    const until = performance.now() + 60_000;
    const look = () => {
      if (is()) done(performance.now());
      else if (performance.now() > until) failed(new Error(`never seen: ${is}`));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });

  const count = (selector) => root().querySelectorAll(selector).length;
  const after = (event, is) => {
    bench.told = new Promise((done, failed) => {
      window.addEventListener(event, ({ timeStamp }) => frame(is).then((at) => done(at - timeStamp), failed), { capture: true, once: true });
    });
  };
  const bench = {
    shift: 0, count,
    launcher: (selector) => frame(() => seen(selector)),
    has: (selector, least) => frame(() => count(selector) >= least),
    /** From the next click to the frame that shows `selector`; awaited as bench.told. */
    onClick: (selector) => after("click", () => seen(selector)),
    /** From the next key to the frame that shows more of `selector`; awaited as bench.told. */
    onKey(selector) {
      const before = count(selector);
      after("keydown", () => count(selector) > before);
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
  /** Whether a shifted node is the page's own: not a client's, nor inside a shadow root. */
  const ofPage = (node) => document.contains(node) && !(node.closest ? node : node.parentElement)?.closest(`${OURS}, [class^=rw-]`);
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) if (sources.some(({ node }) => ofPage(node))) bench.shift += value;
  }).observe({ type: "layout-shift", buffered: true });
  window.bench = bench;
})();
