/* Parts of a page that are brought up to date by themselves: work under way, what is found while one
   types, the rest of a list. What could not be brought up to date stays as it was, and says so. */
(() => {
  "use strict";
  const place = document.getElementById("page"), said = document.body.dataset;

  const tellOf = (part, text) => {
    let note = part.nextElementSibling;
    if (!note || !note.matches(".unrenewed")) {
      if (!text) return;
      note = document.createElement("p");
      note.className = "alert unrenewed";
      note.setAttribute("role", "alert");
      part.after(note);
    }
    if (!text) note.remove();
    else if (note.textContent !== text) note.textContent = text;
  };

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target, serverResponse, requestConfig: asking } = event.detail;
    if (target === place || xhr.status === 401) return;
    const fresh = new DOMParser().parseFromString(serverResponse, "text/html");
    // What of the page fails beside the part that is turned, or comes first, is not the part's.
    const whole = !asking.elt.matches("form.turn, [hx-trigger^=load]");
    const failed = !fresh.getElementById(target.id) || (whole && fresh.querySelector("main[data-failed]"));
    const why = failed && fresh.querySelector(".alert");
    tellOf(target, failed ? `${said.unrenewed} ${why ? why.textContent : ""}`.trim() : "");
    if (failed) event.detail.shouldSwap = false;
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    if (event.detail.target !== place) tellOf(event.detail.target, said.unrenewed);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig: asking } = event.detail, part = document.getElementById(target.id);
    // What had the focus is gone: it goes on from here, and not from the top.
    if (target === place || asking.elt.hidden || !part || document.activeElement !== document.body) return;
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  });

  /* A part that looks again by itself (hx-swap="moved"): what is as it was is left alone, and with it
     what is open, written or in focus there. Rows of a list are told apart by their ids. */
  const renew = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = fresh.nodeValue; return; }
    const own = (name) => name === "open" && old.nodeName === "DETAILS";
    [...old.attributes].forEach(({ name }) => { if (!own(name) && !fresh.hasAttribute(name)) old.removeAttribute(name); });
    [...fresh.attributes].forEach(({ name, value }) => { if (!own(name) && old.getAttribute(name) !== value) old.setAttribute(name, value); });
    const known = new Map([...old.children].filter((one) => one.id).map((one) => [one.id, one]));
    const left = new Set([...fresh.children].map((one) => one.id));
    known.forEach((one, id) => { if (!left.has(id)) one.remove(); });
    let at = old.firstChild;
    [...fresh.childNodes].forEach((child) => {
      let found = child.id ? known.get(child.id) : at;
      if (!child.id) {
        const text = child.nodeType !== Node.ELEMENT_NODE;
        while (found && (found.id || found.nodeName !== child.nodeName)) found = text || found.id ? null : found.nextSibling;
      }
      // Moved, it would lose the focus: what stands before it goes.
      while (found && at && at !== found && !at.id) { const next = at.nextSibling; at.remove(); at = next; }
      if (!found || found.nodeName !== child.nodeName) { old.insertBefore(child, at); return; }
      if (found === at) at = at.nextSibling;
      else old.insertBefore(found, at);
      renew(found, child);
    });
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  };
  htmx.defineExtension("moved", {
    handleSwap: (style, target, fragment) => {
      if (style !== "moved") return false;
      renew(target, fragment.firstElementChild);
      htmx.process(target);
      return true;
    },
  });
})();
