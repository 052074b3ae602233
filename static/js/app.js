(() => {
  const d = document, root = d.documentElement;
  const one = (selector, from = d) => from?.querySelector?.(selector);
  const all = (selector) => d.querySelectorAll(selector);
  root.classList.add("js");
  d.head.append(Object.assign(d.createElement("meta"), {
    name: "htmx-config", content: '{"includeIndicatorCSS":false,"morphIgnore":["data-htmx-powered","open"],"defaultTimeout":15000}',
  }));

  const memory = {
    get: (key) => { try { return localStorage.getItem(key) || "" } catch { return "" } },
    set: (key, value) => { try { localStorage.setItem(key, value) } catch {} },
  };

  // Dialogs: links that open one, old browsers without command or closedby.
  const show = (dialog) => {
    if (!dialog || dialog.open) return;
    const nav = one("[data-copy-of]:empty", dialog);
    if (nav) nav.append(...new Map([...all(".tab a:has(.me)"), ...all(nav.dataset.copyOf)].map((link) => [link.href, link.cloneNode(true)])).values());
    dialog.showModal();
  };
  d.addEventListener("click", (event) => {
    const from = event.target.closest("a,button,dialog");
    if (!from || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const data = from.dataset;
    if (data.dialog) {
      const dialog = d.getElementById(data.dialog);
      if (dialog) { event.preventDefault(); show(dialog) }
    }
    if (from.hasAttribute("commandfor") && !("command" in HTMLButtonElement.prototype)) {
      const dialog = d.getElementById(from.getAttribute("commandfor"));
      from.getAttribute("command") == "close" ? dialog.close() : show(dialog);
    }
    if (from.tagName == "DIALOG" && from == event.target && !("closedBy" in from)) {
      const box = from.getBoundingClientRect();
      if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) from.close();
    }
    if (from.tagName == "A" && from.closest("dialog") && from.hash) from.closest("dialog").close();
    if ("dismiss" in data) from.closest(".toast").remove();
    if (data.step) {
      const input = one("input", from.parentNode);
      input.value = Math.min(input.max || 20, Math.max(input.min || 1, (+input.value || 1) + +data.step));
    }
    if (data.print) print();
    if (data.reveal) {
      const field = d.getElementById(data.reveal), hidden = field.type == "password";
      field.type = hidden ? "text" : "password";
      from.setAttribute("aria-pressed", hidden);
    }
    if (data.copy) navigator.clipboard?.writeText(data.copy).then(() => say(data.done));
    if ("themeSet" in data) theme(data.themeSet, true);
    const slide = from.matches(".thumbs a") && one(from.getAttribute("href"));
    if (slide) {
      event.preventDefault();
      slide.parentNode.scrollTo({ left: slide.offsetLeft - slide.parentNode.offsetLeft });
    }
  });

  // Colours.
  const theme = (value, keep) => {
    if (keep) {
      d.cookie = `theme=${value};path=/;max-age=${value ? 31536000 : 0};samesite=lax`;
      value ? root.dataset.theme = value : delete root.dataset.theme;
    }
    all("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.themeSet == value));
  };
  theme(root.dataset.theme || "");

  // "/" goes to the search field.
  d.addEventListener("keydown", (event) => {
    if (event.key != "/" || event.target.closest("input,textarea,select") || one("dialog[open]")) return;
    event.preventDefault();
    const field = one("main [type=search]");
    field ? field.focus() : show(d.getElementById("find"));
  });

  // The picture in view marks its thumbnail.
  const gallery = one(".main-pic");
  if (gallery) {
    const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
      const thumb = entry.isIntersecting && one(`.thumbs a[href="#${entry.target.id}"]`);
      if (!thumb) return;
      all(".thumbs [aria-current]").forEach((other) => other.removeAttribute("aria-current"));
      thumb.setAttribute("aria-current", "true");
    }), { root: gallery, threshold: .6 });
    for (const slide of gallery.children) seen.observe(slide);
  }

  // Messages: spoken and shown, inside the open dialog so that they are not inert.
  const live = () => one("#live"), toasts = () => one("#toasts");
  const place = (home) => { for (const box of [live(), toasts()]) { const to = home || one("dialog[open]") || d.body; if (box && box.parentNode != to) to.append(box) } };
  const toast = (text, bad) => {
    const note = d.createElement("p");
    note.className = bad ? "toast bad" : "toast";
    note.textContent = text;
    (bad ? toasts() : live()).replaceChildren(note);
    place();
  };
  const say = (text) => toast(text);
  d.addEventListener("close", () => place(), true);

  // The form token lies in a cookie, so that a page from any cache can use today's.
  const token = () => decodeURIComponent(d.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]+)/)?.[1] || "");
  d.cookie = `lang=${root.lang};path=/;max-age=31536000;samesite=lax`;
  const learn = () => {
    memory.set("bag", one("#bag-n")?.lastChild.textContent || "0");
  };
  learn();
  d.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method != "post" || !token()) return;
    const field = one("[name=csrf_token]", form) || form.appendChild(Object.assign(d.createElement("input"), { type: "hidden", name: "csrf_token" }));
    field.value = token();
  }, true);

  // htmx: token, busy state, dialogs that open with what they received, badges, lost connections.
  d.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (ctx.request.method != "GET" && token()) ctx.request.headers["X-CSRFToken"] = token();
  });
  const busy = (value) => ({ detail: { ctx } }) => ctx.target?.setAttribute?.("aria-busy", value);
  d.addEventListener("htmx:before:request", busy("true"));
  let known = 0;
  d.addEventListener("htmx:finally:request", busy("false"));
  d.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
    known = ctx.swap == "beforeend" ? ctx.target.childElementCount : -1;
    place(d.body);
  });
  d.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const good = ctx.response?.status < 400;
    const opens = ctx.request?.form?.dataset.opens || ctx.sourceElement?.dataset?.opens;
    if (good && opens) show(d.getElementById(opens));
    hearts();
    if (ctx.target?.id == "results") d.getElementById("facets")?.reset();
    for (const list of ctx.target?.querySelectorAll?.("select:has([selected])") || []) list.value = one("[selected]", list).value;
    if (good && ctx.target?.matches?.("[popover]") && ctx.target.childElementCount) ctx.target.showPopover({ source: ctx.sourceElement });
    learn();
    badges();
    place();
    if (d.activeElement == d.body) rest(ctx.target);
  });
  // The last answer about a heart sets all hearts of its product; a card's heart is named by its product too.
  const hearts = () => {
    for (const button of all(".card .heart")) button.setAttribute("aria-labelledby", "sl " + one("[id]", button.closest("li")).id);
    const { heart, next } = one("#told")?.dataset || {};
    for (const button of all(`[form=save][value="${heart}"]`)) { button.name = next; button.setAttribute("aria-pressed", next == "drop") }
  };
  hearts();
  // What had the focus is gone: the first new card, the way back, or the region's heading takes it.
  const rest = (target) => (one("a", target?.children?.[known] || null) || one("#undo button") || one("[tabindex='-1']", target || null))?.focus();
  d.addEventListener("htmx:error", ({ detail }) => {
    if (detail.error?.name == "TypeError" || detail.ctx?.request.signal?.aborted) toast(toasts().dataset.offline, true);
  });
  const badges = () => {
    const count = memory.get("bag") || "0", badge = one("#bag-n");
    if (badge) badge.lastChild.textContent = count;
    for (const copy of [badge, ...all("[data-bag-n]")]) if (copy) {
      if (copy != badge) copy.textContent = count;
      copy.hidden = count == "0";
    }
  };
  addEventListener("pageshow", (event) => { if (event.persisted) badges() });

  // Products looked at stay in this browser, the latest first.
  const seen = one("[data-seen]")?.dataset.seen;
  if (seen) {
    const before = d.cookie.match(/(?:^|; )seen=([\d.]+)/)?.[1].split(".") || [];
    d.cookie = `seen=${[...new Set([seen, ...before])].slice(0, 20).join(".")};path=/;max-age=2592000;samesite=lax`;
  }

  // Offline page, from the second page on.
  if (d.referrer.startsWith(location.origin)) navigator.serviceWorker?.register("/sw.js").catch(() => {});
})();
