const NAME = "shop-" + "{version}";
const FILES = ["{files}"];
const PAGES = ["/en/offline", "/km/offline"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll([...FILES, ...PAGES])).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const stale = (names) => names.filter((name) => name.startsWith("shop-") && name != NAME);
  event.waitUntil(caches.keys().then((names) => Promise.all(stale(names).map((name) => caches.delete(name)))));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.mode == "navigate" && request.method == "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(path.startsWith("/en") ? PAGES[0] : PAGES[1])));
  } else if (FILES.includes(path)) {
    event.respondWith(caches.match(path).then((kept) => kept || fetch(request)));
  }
});
