/* Signing in, the token, and the Dashboard's handshake; pages come by htmx.
   Tokens are in memory alone: a page that is loaded anew asks to sign in again. */
(() => {
  "use strict";
  const { api, console: home, failed, unreached } = document.body.dataset;
  const $ = (id) => document.getElementById(id);
  const place = $("page"), door = $("sign-in"), problem = $("sign-in-error");
  const inside = [$("skip"), $("sign-out")];
  const asked = new URLSearchParams(location.search);
  const framed = window.parent !== window;
  const wide = matchMedia("(min-width: 52.01rem)");
  let access = "", refresh = "", session = 0, going = false;

  /* Seconds until a token ends; its signature is the server's business. */
  const left = (token) => {
    try {
      const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
      return JSON.parse(atob(part)).exp - Date.now() / 1000;
    } catch { return Infinity; }
  };

  const saleor = async (query, variables) => {
    const answer = await fetch(api, {
      method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return (await answer.json()).data;
  };

  const show = (path) => htmx.ajax("GET", path, { target: "#page", swap: "innerHTML show:window:top" });

  const signInAgain = (text) => {
    access = refresh = "";
    session += 1;
    htmx.trigger(place, "htmx:abort");
    place.replaceChildren();
    inside.forEach((one) => { one.hidden = true; });
    if (framed) { window.parent.postMessage({ type: "tokenRefresh", payload: { actionId: "again" } }, "*"); return; }
    door.hidden = false;
    problem.hidden = !text;
    problem.textContent = text || "";
    $("email").focus();
  };

  const enter = (token, renewing) => {
    const first = !access;
    access = token;
    if (renewing) refresh = renewing;
    door.hidden = true;
    inside.forEach((one) => { one.hidden = framed; });
    if (first) show(location.pathname + location.search);
  };

  door.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { tokenCreate: found } = await saleor(
        "mutation($e: String!, $p: String!) { tokenCreate(email: $e, password: $p) { token refreshToken } }",
        { e: $("email").value, p: $("password").value });
      $("password").value = "";
      if (found && found.token) enter(found.token, found.refreshToken);
      else signInAgain(failed);
    } catch { signInAgain(unreached); }
  });
  $("sign-out").addEventListener("click", () => signInAgain());

  /* Every request of htmx waits for a token that is good for some seconds more. */
  document.body.addEventListener("htmx:confirm", (event) => {
    if (framed || !refresh || left(access) > 15) return;
    event.preventDefault();
    const mine = session;
    saleor("mutation($t: String!) { tokenRefresh(refreshToken: $t) { token } }", { t: refresh })
      .then((data) => {
        if (mine !== session) return;
        const found = data && data.tokenRefresh && data.tokenRefresh.token;
        if (!found) { signInAgain(); return; }
        access = found;
        event.detail.issueRequest(true);
      }).catch(() => signInAgain(unreached));
  });
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (access) event.detail.headers.Authorization = `Bearer ${access}`;
    event.detail.headers["Accept-Language"] = document.documentElement.lang;
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!access) { event.detail.shouldSwap = false; return; }
    if (event.detail.xhr.status === 401) { event.detail.shouldSwap = false; signInAgain(); }
  });
  const unsaid = $("unreached");
  document.body.addEventListener("htmx:sendError", () => { unsaid.hidden = false; });
  document.body.addEventListener("htmx:beforeRequest", () => { unsaid.hidden = true; });

  /* htmx keeps no history, since it would keep pages in the browser's storage; the address of the
     last one, which may hold a name that was searched for, it keeps all the same. */
  const forget = () => sessionStorage.removeItem("htmx-current-path-for-history");
  ["htmx:afterSettle", "htmx:pushedIntoHistory"].forEach((name) => document.body.addEventListener(name, forget));
  window.addEventListener("load", forget);
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig: asking, pathInfo } = event.detail;
    if (target !== place) return;
    // Of a form that was sent the address stays: what was written in it stands in no history.
    const path = asking.verb === "get" ? pathInfo.finalRequestPath : location.pathname + location.search;
    if (!going && path !== location.pathname + location.search) history.pushState(null, "", path);
    going = false;
    const main = $("main"), menu = $("menu");
    if (menu) menu.open = wide.matches;
    if (main) {
      document.title = `${main.dataset.title || ""} – ${document.title.split(" – ").pop()}`;
      main.focus({ preventScroll: true });
    }
  });
  wide.addEventListener("change", () => { const menu = $("menu"); if (menu) menu.open = wide.matches; });
  window.addEventListener("popstate", () => { going = true; show(location.pathname + location.search); });

  /* The sandbox of the Dashboard's frame lets no link out of it: the Dashboard is asked to go. */
  document.body.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dashboard]");
    if (!framed || !link) return;
    event.preventDefault();
    window.parent.postMessage(
      { type: "redirect", payload: { actionId: "go", to: link.dataset.dashboard, newContext: false } }, "*");
  });

  /* The Dashboard: what it says counts only if it comes from the frame around us. */
  if (framed) {
    document.documentElement.dataset.framed = "";
    if (asked.get("theme")) document.documentElement.dataset.theme = asked.get("theme");
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || !event.data) return;
      const { type, payload = {} } = event.data;
      if ((type === "handshake" || type === "tokenRefresh") && payload.token) enter(payload.token);
      if (type === "theme") document.documentElement.dataset.theme = payload.theme;
      if (type === "localeChanged") {
        document.documentElement.lang = payload.locale.startsWith("fi") ? "fi" : "en";
        if (access) show(location.pathname + location.search);
      }
    });
    window.parent.postMessage({ type: "notifyReady", payload: { actionId: "ready" } }, "*");
  } else signInAgain();
})();
