/* Signing in, the token, and the Dashboard's handshake; pages come by htmx.
   Tokens are in memory alone: a page that is loaded anew asks to sign in again. */
(() => {
  "use strict";
  const root = document.documentElement, said = document.body.dataset;
  const { api, console: home, framers } = said;
  const $ = (id) => document.getElementById(id);
  const here = () => location.pathname + location.search;
  const place = $("page"), door = $("sign-in"), problem = $("sign-in-error");
  const inside = [$("skip"), $("sign-out")], note = $("note"), unsaid = $("unreached");
  const framed = window.parent !== window;
  const wide = matchMedia("(min-width: 52.01rem)");
  let access = "", refresh = "", spent = "", whose = "", session = 0, turns = 0, going = false, chosen = "", again = null;

  /* What a token says; its signature is the server's business. */
  const read = (token) => {
    try { return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))); } catch { return {}; }
  };
  /* Seconds until a token ends, and whose it is. */
  const left = (token) => ("exp" in read(token) ? read(token).exp - Date.now() / 1000 : Infinity);
  const owner = (token) => read(token).user_id || token;

  const saleor = async (query, variables) => {
    const answer = await fetch(api, {
      method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return (await answer.json()).data;
  };

  /* In a frame, to scroll to our top would scroll the page around us. */
  const show = (path) => htmx.ajax("GET", path, { target: "#page", swap: framed ? "innerHTML" : "innerHTML show:window:top" });

  /* What is being written stays for whoever wrote it, out of sight, and for nobody else. */
  const signInAgain = (text) => {
    spent = access || spent;
    access = refresh = "";
    session += 1;
    if (!framed) place.hidden = true;
    inside.forEach((one) => { one.hidden = true; });
    if (framed) { again(); return; }
    door.hidden = false;
    problem.hidden = !text;
    problem.textContent = text || "";
    $("email").focus();
  };

  const enter = (token, renewing) => {
    const had = access, same = whose === owner(token) && (access || place.childElementCount);
    access = token;
    whose = owner(token);
    if (renewing) refresh = renewing;
    door.hidden = note.hidden = true;
    inside.forEach((one) => { one.hidden = framed; });
    place.hidden = false;
    if (same) {
      // What asks by itself asked in vain meanwhile.
      if (!had) place.querySelectorAll("[hx-trigger^=load]").forEach((one) => htmx.ajax("GET", one.getAttribute("hx-get"),
        { source: one, target: one, select: `#${one.id}`, swap: "outerHTML" }));
      return;
    }
    place.replaceChildren();
    show(here());
  };

  /* Another language: of this page's own words, which stand in the page around all pages, and of
     what is shown in it. */
  const speak = async (code) => {
    if (root.lang === code) return;
    root.lang = code;
    if (access) show(here());
    else place.replaceChildren();
    try {
      const answer = await fetch(home, { credentials: "omit", headers: { "Accept-Language": code } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (root.lang !== code) return;
      const words = fresh.querySelectorAll("[data-said]");
      document.querySelectorAll("[data-said]").forEach((one, at) => { one.textContent = words[at].textContent; });
      Object.assign(said, fresh.body.dataset);
      if (!access) document.title = fresh.title;
    } catch { unsaid.hidden = false; }
  };
  document.body.addEventListener("click", (event) => {
    const spoken = event.target.closest("[data-speak]");
    if (!spoken) return;
    chosen = spoken.dataset.speak;
    speak(chosen);
    // The button that was pressed is gone: it is the other language's.
    const other = document.querySelector(`[data-speak]:not([data-speak="${chosen}"])`);
    if (!access) other.focus();
  });

  /* A shop whose people sign in through another service: their passwords are not Saleor's to check. */
  const byAnother = async () => {
    const found = await saleor("{ shop { availableExternalAuthentications { id } } }");
    return Boolean(found && found.shop && found.shop.availableExternalAuthentications.length);
  };

  door.addEventListener("submit", async (event) => {
    event.preventDefault();
    const mine = session += 1;
    try {
      const { tokenCreate: found } = await saleor(
        "mutation($e: String!, $p: String!) { tokenCreate(email: $e, password: $p) { token refreshToken } }",
        { e: $("email").value, p: $("password").value });
      if (mine !== session) return;
      $("password").value = "";
      if (found && found.token) enter(found.token, found.refreshToken);
      else signInAgain(await byAnother() ? said.elsewhere : said.failed);
    } catch { if (mine === session) signInAgain(said.unreached); }
  });
  $("sign-out").addEventListener("click", () => { signInAgain(); place.replaceChildren(); });

  /* Every request of htmx waits for a token that is good for some seconds more. */
  document.body.addEventListener("htmx:confirm", (event) => {
    // What asks by itself does not while nobody is signed in.
    if (!access) { event.preventDefault(); return; }
    if (framed || !refresh || left(access) > 15) return;
    event.preventDefault();
    const mine = session;
    saleor("mutation($t: String!) { tokenRefresh(refreshToken: $t) { token } }", { t: refresh })
      .then((data) => {
        if (mine !== session) return;
        const found = data && data.tokenRefresh && data.tokenRefresh.token;
        if (!found) { if (going) place.replaceChildren(); going = false; signInAgain(); return; }
        access = found;
        event.detail.issueRequest(true);
      }).catch(() => { going = false; if (mine === session) unsaid.hidden = false; });
  });
  document.body.addEventListener("htmx:configRequest", (event) => {
    const asking = event.detail;
    if (access) asking.headers.Authorization = `Bearer ${access}`;
    asking.headers["Accept-Language"] = root.lang;
    asking.session = session;
    if (asking.target === place) {
      Object.assign(asking, { turn: turns += 1, going });
      going = false;
    }
  });
  /* An answer to somebody who has signed out meanwhile is nobody's. */
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, requestConfig: asking } = event.detail;
    if (!access || asking.session !== session) { event.preventDefault(); return; }
    /* The page that leads to another is none to come back to. */
    const to = xhr.getResponseHeader("HX-Location");
    if (to) history.replaceState(null, "", JSON.parse(to).path);
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target, requestConfig: asking } = event.detail;
    if (xhr.status === 401) {
      event.detail.shouldSwap = false;
      // The address is another page's already: what stands here is not to come back under it.
      if (target === place && asking.verb === "get" && asking.path === here()) place.replaceChildren();
      signInAgain();
      return;
    }
    // Two pages were asked for: the one asked for last is shown.
    if (target === place && asking.turn !== turns) event.detail.shouldSwap = false;
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    const { target, requestConfig: asking } = event.detail;
    if (target === place && asking.session === session) unsaid.hidden = false;
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === place) unsaid.hidden = true;
  });

  /* htmx keeps no history, since it would keep pages in the browser's storage; the address of the
     last one, which may hold a name that was searched for, it keeps all the same. */
  const forget = () => {
    try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* Another site's frame may have none. */ }
  };
  ["htmx:afterSettle", "htmx:pushedIntoHistory"].forEach((name) => document.body.addEventListener(name, forget));
  window.addEventListener("load", forget);
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig: asking, pathInfo } = event.detail;
    if (target !== place) return;
    // Of a form that was sent the address stays: what was written in it stands in no history.
    const path = asking.verb === "get" ? pathInfo.finalRequestPath : here();
    if (!asking.going && path !== here()) history.pushState(null, "", path);
    const main = $("main"), menu = $("menu");
    if (menu) menu.open = wide.matches;
    if (main) {
      document.title = `${main.dataset.title || ""} – ${document.title.split(" – ").pop()}`;
      // A card beside somebody's work takes no focus from it.
      if (!main.classList.contains("small")) main.focus({ preventScroll: true });
    }
  });
  wide.addEventListener("change", () => { const menu = $("menu"); if (menu) menu.open = wide.matches; });
  window.addEventListener("popstate", () => {
    going = true;
    if (access) show(here());
    else place.replaceChildren();
  });

  /* The Dashboard: what it says counts only if it comes from the frame around us, and that frame is
     the Dashboard's, as the shop has it. Nobody else is told anything. */
  if (framed) {
    const asked = new URLSearchParams(location.search);
    const known = [location.origin, ...framers.split(" ").filter(Boolean)];
    const seen = location.ancestorOrigins ? [...location.ancestorOrigins] : [document.referrer && new URL(document.referrer).origin];
    const outside = known.find((one) => one === seen[0]);
    const app = asked.getAll("id").find((one) => one.startsWith("QXBwO"));
    const finnish = (navigator.languages || []).some((one) => one.startsWith("fi"));
    let version = 0, told = 0;
    const tell = (type, payload) => {
      if (outside) window.parent.postMessage({ type, payload: { actionId: `${type}-${told += 1}`, ...payload } }, outside);
    };
    const say = (text) => { note.textContent = text; note.hidden = false; };
    again = () => tell("notifyReady");

    // What the Dashboard adds to the address is not ours to keep in it, nor to send on.
    const own = asked.getAll("id").filter((one) => one !== app);
    ["domain", "saleorApiUrl", "id", "theme", ...[...asked.keys()].filter((one) => one.startsWith("featureFlags"))]
      .forEach((one) => asked.delete(one));
    own.forEach((one) => asked.append("id", one));
    const themed = new URLSearchParams(location.search).get("theme");
    history.replaceState(null, "", location.pathname + (asked.size ? `?${asked}` : ""));

    root.dataset.framed = "";
    if (themed) root.dataset.theme = themed;
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || event.origin !== outside || !event.data) return;
      const { type, payload = {} } = event.data;
      if (type === "handshake" || type === "tokenRefresh") {
        // Written as v3.23.27; a tokenRefresh has none.
        const [series] = /\d+\.\d+/.exec(payload.dashboardVersion) || [];
        version = Number(series) || version;
        clearTimeout(waiting);
        // The one that was refused would be refused again, for ever.
        if (payload.token && payload.token !== spent) enter(payload.token);
        else if (!access) { place.hidden = true; say(said.refused); }
      }
      if (type === "theme") root.dataset.theme = payload.theme;
      // The Dashboard has no Finnish; where it speaks English to a Finn, we need not.
      if (type === "localeChanged" && !chosen) speak(finnish || payload.locale.startsWith("fi") ? "fi" : "en");
    });
    const waiting = setTimeout(() => say(said.silent), 15000);

    document.body.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-whole]");
      const away = event.target.closest("a[data-dashboard], a[target=_blank]");
      // The sandbox of the Dashboard's frame lets no link out of it: the Dashboard is asked to go.
      if (away) {
        event.preventDefault();
        tell("redirect", away.dataset.dashboard ? { to: away.dataset.dashboard, newContext: false } : { to: away.href, newContext: true });
      }
      if (!link || !app) return;
      // A card is too small for a page: the Dashboard opens it as one of its own.
      event.preventDefault();
      event.stopPropagation();
      tell("redirect", { to: `/extensions/app/${encodeURIComponent(app)}/${link.href.slice(new URL(home, location.origin).href.length)}` });
    }, true);
    /* Cards grow with what they show; older Dashboards know nothing of it. */
    new ResizeObserver(() => {
      const small = document.querySelector("main.small");
      if (small && version >= 3.23) tell("widgetResize", { height: Math.ceil(small.getBoundingClientRect().bottom + scrollY + 8) });
    }).observe(place);
    again();
  } else signInAgain();
})();
