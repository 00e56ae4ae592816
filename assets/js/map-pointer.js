// Mouse, pen and finger on a map: what they are on, what they open, and the lasso they draw.
(() => {
  "use strict";

  const REACH = { mouse: 12, touch: 24, pen: 18 }; // pixels from a point to count as on it
  const TAP = 6; // pixels that a finger or mouse may move in a click
  const HOVER_MS = 90;
  const HIDE_MS = 280;

  // `tools`: hit([x, y], reach) finds what is there; show, hide and open deal with it, shown() is what
  // has its card; outline(trace) draws a lasso on its way and select(trace) takes it, in pixels;
  // pinch(before, after) moves and zooms as two fingers did, each a pair of positions in pixels, and
  // pinched() ends that.
  // Returns setMode("pan", "lasso" or "box") and stop().
  function watch(frame, svg, tools) {
    const timers = {};
    let mode = "pan";
    let trace = [];
    let pressed = null;
    let fingers = null; // where two fingers were when the map last followed them
    let now = null; // and where they are

    const later = (name, milliseconds, action) => {
      clearTimeout(timers[name]);
      timers[name] = setTimeout(action, milliseconds);
    };
    const inPixels = (event) => {
      const box = frame.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const onControl = (event) => event.target.closest?.(".map-card, .map-zoom");
    const under = (event) => tools.hit(inPixels(event), REACH[event.pointerType] || REACH.mouse);

    function move(event) {
      if (event.pointerType === "touch" || event.buttons || mode !== "pan") return;
      if (onControl(event)) {
        clearTimeout(timers.hide);
        return;
      }
      const found = under(event);
      frame.classList.toggle("on-point", Boolean(found));
      if (!found) {
        clearTimeout(timers.hover);
        if (tools.shown()) later("hide", HIDE_MS, tools.hide);
        return;
      }
      clearTimeout(timers.hide);
      const shown = tools.shown();
      if (!shown || shown.key !== found.key) later("hover", HOVER_MS, () => tools.show(found));
    }

    function leave(event) {
      if (event.pointerType === "touch") return; // a finger is lifted: its card stays
      clearTimeout(timers.hover);
      if (tools.shown()) later("hide", HIDE_MS, tools.hide);
    }

    function press(event) {
      if (event.button !== 0 || onControl(event) || mode !== "pan") return;
      pressed = [event.clientX, event.clientY];
    }

    function release(event) {
      const [x, y] = pressed || [Infinity, Infinity];
      pressed = null;
      if (Math.hypot(event.clientX - x, event.clientY - y) > TAP) return;
      const found = under(event);
      if (!found) tools.hide();
      else if (event.pointerType === "touch") tools.show(found);
      else tools.open(found);
    }

    function setMode(wanted) {
      mode = wanted;
      frame.dataset.mode = mode;
      if (mode !== "pan") tools.hide();
    }

    function begin(event) {
      if (event.button !== 0) return;
      svg.setPointerCapture(event.pointerId);
      trace = [inPixels(event)];
    }

    function go(event) {
      if (!trace.length) return;
      const [x, y] = inPixels(event);
      const [from] = trace;
      if (mode === "lasso") trace.push([x, y]);
      else trace = [from, [x, from[1]], [x, y], [from[0], y]];
      tools.outline(trace);
    }

    function end() {
      const whole = trace;
      cancel();
      tools.select(whole);
    }

    function cancel() {
      trace = [];
      tools.outline(trace);
    }

    // Plotly follows one finger only: it is told that the first was lifted when the second comes.
    function touch(event) {
      fingers = null;
      if (event.touches.length !== 2 || mode !== "pan" || onControl(event)) return;
      event.preventDefault();
      event.stopPropagation();
      document.dispatchEvent(new TouchEvent("touchend", { changedTouches: [...event.touches], cancelable: true }));
      pressed = null;
      tools.hide();
      fingers = [...event.touches].map(inPixels);
    }

    function spread(event) {
      if (!fingers) return;
      event.preventDefault();
      event.stopPropagation();
      if (!now) requestAnimationFrame(follow);
      now = [...event.touches].map(inPixels);
    }

    function follow() {
      if (!fingers || !now) return;
      tools.pinch(fingers, now);
      [fingers, now] = [now, null];
    }

    function lift() {
      if (!fingers) return;
      follow();
      tools.pinched();
      fingers = now = null;
    }

    frame.addEventListener("touchstart", touch, { capture: true, passive: false });
    frame.addEventListener("touchmove", spread, { capture: true, passive: false });
    frame.addEventListener("touchend", lift, true);
    frame.addEventListener("touchcancel", lift, true);
    frame.addEventListener("pointermove", move);
    frame.addEventListener("pointerleave", leave);
    frame.addEventListener("pointerdown", press, true);
    window.addEventListener("pointerup", release); // Plotly covers the page while it is dragged
    svg.addEventListener("pointerdown", begin);
    svg.addEventListener("pointermove", go);
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", cancel);

    function stop() {
      Object.values(timers).forEach(clearTimeout);
      window.removeEventListener("pointerup", release);
    }

    return { setMode, stop };
  }

  window.hicalmMapPointer = { watch };
})();
