({
  overflow() {
    const root = document.documentElement, width = root.clientWidth;
    const out = root.scrollWidth > width ? [`the page is ${root.scrollWidth} wide`] : [];
    const held = (e) => {
      while ((e = e.parentElement)) if (getComputedStyle(e).overflowX != "visible") return true;
    };
    for (const e of document.body.querySelectorAll("*")) {
      const box = e.getBoundingClientRect();
      if (!box.width || !box.height || (box.right <= width + 1 && box.left >= -1) || held(e)) continue;
      out.push(`${Math.round(box.left)}..${Math.round(box.right)} ${e.outerHTML.slice(0, 100)}`);
    }
    for (const e of document.querySelectorAll("dialog[open], :popover-open")) {
      const box = e.getBoundingClientRect();
      if (box.top < -1 || box.left < -1 || box.bottom > innerHeight + 1 || box.right > width + 1)
        out.push(`beyond the window: ${e.outerHTML.slice(0, 100)}`);
    }
    return out;
  },

  clipped() {
    const out = [], pen = document.createElement("canvas").getContext("2d"), hides = /hidden|clip/;
    const unseen = (e) => e.closest(".vh, option, noscript, script") || !e.checkVisibility({ visibilityProperty: true });
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
      const text = node.data.trim(), e = node.parentElement;
      if (!text || unseen(e)) continue;
      const range = document.createRange(), style = getComputedStyle(e);
      range.selectNodeContents(node);
      const lines = [...range.getClientRects()].filter((box) => box.width > 1);
      const say = (why) => out.push(`${why}: ${text.slice(0, 40)} in ${e.outerHTML.slice(0, 60)}`);
      pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const ink = pen.measureText(text), over = ink.actualBoundingBoxAscent, under = ink.actualBoundingBoxDescent;
      if (over + under > parseFloat(style.lineHeight) + 1) say("lines touch");
      for (let box = e; box && box != document.body; box = box.parentElement) {
        const { overflowX, overflowY, textOverflow } = getComputedStyle(box);
        if (/auto|scroll/.test(overflowX + overflowY)) break;
        if (!hides.test(overflowX + overflowY)) continue;
        const edge = box.getBoundingClientRect();
        if (edge.width <= 1) break;
        const high = (line) => line.top + ink.fontBoundingBoxAscent - over < edge.top - 1;
        const low = (line) => line.top + ink.fontBoundingBoxAscent + under > edge.bottom + 1;
        const aside = (line) => line.left < edge.left - 1 || line.right > edge.right + 1;
        if (lines.some(high) || lines.some(low)) say("cut above or below");
        if (textOverflow != "ellipsis" && lines.some(aside)) say("cut at the side");
      }
    }
    return out;
  },

  changed() {
    const khmer = [...document.querySelectorAll(":lang(km)")].filter((e) => /[\u1780-\u17ff]/.test(e.textContent));
    return khmer.filter((e) => {
      const { letterSpacing, fontStyle, textTransform } = getComputedStyle(e);
      return parseFloat(letterSpacing) || fontStyle != "normal" || textTransform != "none";
    }).map((e) => `Khmer letters changed: ${e.outerHTML.slice(0, 80)}`);
  },

  async settle() {
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await frame();
    document.activeElement.scrollIntoView({ block: "center", behavior: "instant" });
    await frame();
  },

  async shifts() {
    const moved = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
      if (!entry.hadRecentInput) moved.push([entry.value, entry.sources.map((one) => one.node?.outerHTML?.slice(0, 60))]);
    })).observe({ type: "layout-shift", buffered: true });
    await document.fonts.ready;
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
      scrollTo({ top: y, behavior: "instant" });
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    return moved;
  },

  spread() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { word-spacing: .16em !important }
      :root:lang(en) *:not(:lang(km)) { line-height: 1.5 !important; letter-spacing: .12em !important }
      p { margin-bottom: 2em !important }
    `);
    document.adoptedStyleSheets = [sheet];
  },

  letters() {
    return [...new Set(document.body.textContent)].filter((letter) => letter > " ").join("");
  },
})
