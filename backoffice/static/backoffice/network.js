// What a page says when an answer does not come, and how it keeps anything from being sent twice.
(function () {
    "use strict";

    // Longer than a slow answer takes, shorter than a person waits before pressing again on purpose.
    const SENDING = 15000;
    const words = (name) => document.getElementById("network-words").dataset[name];

    // Sentences

    function say(name, element) {
        const dialog = element.closest("#dialog");
        quiet(element);
        const note = document.createElement("p");
        note.className = dialog ? "network-note" : "network-note network-bar";
        note.setAttribute("role", "alert");
        note.textContent = words(name);
        if (name === "signedOut") {
            note.append(" ", signInLink());
        }
        dialog ? dialog.querySelector("#dialog-form").before(note) : document.body.append(note);
    }

    function quiet(element) {
        const dialog = element.closest("#dialog");
        const notes = (dialog || document).querySelectorAll(dialog ? ".network-note" : ".network-bar");
        notes.forEach((note) => note.remove());
    }

    function signInLink() {
        const link = document.createElement("a");
        link.href = words("loginUrl");
        link.target = "_blank";
        link.textContent = words("signIn");
        return link;
    }

    // Answers to htmx. A login page that came instead of an answer replaces nothing.

    const signedOut = (xhr) => new URL(xhr.responseURL || "/", location.href).pathname === words("loginUrl");

    const lost = (event) => say(event.detail.requestConfig.verb === "get" ? "offline" : "lost", event.target);
    document.addEventListener("htmx:sendError", lost);
    document.addEventListener("htmx:timeout", lost);
    document.addEventListener("htmx:responseError", (event) =>
        say(event.detail.xhr.status === 403 ? "refused" : "failed", event.target));
    document.addEventListener("htmx:beforeSwap", (event) => {
        if (signedOut(event.detail.xhr)) {
            event.detail.shouldSwap = false;
            say("signedOut", event.target);
        } else if (event.detail.xhr.status < 400) {
            quiet(event.target);
        }
    });
    // No window is opened for an answer that is none.
    document.addEventListener("htmx:after-on-load", (event) => {
        if (event.detail.xhr.status >= 400 || signedOut(event.detail.xhr)) {
            event.stopPropagation();
        }
    }, true);

    // Sending

    // Whoever signed in again in another tab has a new token; what is typed here can still be sent.
    function freshToken() {
        const found = document.cookie.match(/(?:^|; )(?:__Host-csrf|csrftoken)=([^;]+)/);
        return found ? found[1] : "";
    }

    document.addEventListener("htmx:configRequest", (event) => {
        if (event.detail.verb !== "get" && freshToken()) {
            event.detail.parameters.csrfmiddlewaretoken = freshToken();
        }
    });

    // While the next page is on its way, the button of a window stays disabled.
    document.addEventListener("htmx:afterRequest", (event) => {
        const answer = event.detail.xhr;
        if (answer && answer.getResponseHeader("HX-Redirect")) {
            event.detail.elt.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = true));
        }
    });

    window.addEventListener("submit", (event) => {
        const form = event.target;
        if (event.defaultPrevented || form.method !== "post") {
            return;
        }
        // Answered in the moment before htmx has the window: without it the form would go to the page behind.
        if (form.closest("#dialog")) {
            event.preventDefault();
            htmx.process(form);
            setTimeout(() => form.requestSubmit());  // a form cannot be sent again while it is being sent
            return;
        }
        if (Date.now() - (form.sentAt || 0) < SENDING) {
            event.preventDefault();
            return;
        }
        form.sentAt = Date.now();
        const token = form.querySelector("[name=csrfmiddlewaretoken]");
        if (token && freshToken()) {
            token.value = freshToken();
        }
    });

    // A page that the back button brings back may be sent anew.
    window.addEventListener("pageshow", () => {
        for (const form of document.forms) {
            form.sentAt = 0;
        }
    });
})();
