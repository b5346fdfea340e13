/* Saving a form while somebody types: htmx sends it (data-hx-post on #saved); this says when that fails, tries again,
   and keeps the form's own numbers over Back and a restart of the browser. Without scripts the buttons save. The page
   of a new form gets the draft's address (data-address) once there is one, so that a reload shows what was typed; not
   by htmx, whose history would answer Back with a request of its own. */
"use strict";

(() => {
	const LONGEST = 30000;
	const form = document.getElementById("event");
	const saved = document.getElementById("saved");
	const unsaved = document.getElementById("unsaved");
	let failures = 0;
	let timer = 0;
	let leaving = false;

	// A browser restores hidden fields only if a script has set them.
	const keep = () => {
		for (const each of form.querySelectorAll("input[type=hidden]:not([name=csrf])")) {
			each.value = each.value;
		}
	};

	const tell = (words) => {
		if (unsaved.textContent !== words) {
			unsaved.textContent = words;
		}
		saved.hidden = words !== "";
	};

	const tryAgain = () => {
		if (leaving) {
			return;
		}
		clearTimeout(timer);
		timer = setTimeout(() => form.dispatchEvent(new Event("input", { bubbles: true })), Math.min(1000 * 2 ** failures, LONGEST));
		failures += 1;
		tell(unsaved.dataset.failed);
	};

	saved.addEventListener("htmx:after:request", (event) => {
		const status = event.detail.ctx.response.status;
		if (status >= 500 || status === 429) {
			tryAgain();
		} else if (status === 401 || status === 403) {
			tell(unsaved.dataset.expired);
		} else if (status >= 400 && status !== 410) {
			tell(unsaved.dataset.refused);
		} else {
			clearTimeout(timer);
			failures = 0;
			tell("");
			if (status < 300 && saved.dataset.address && !leaving) {
				history.replaceState(history.state, "", saved.dataset.address);
				delete saved.dataset.address;
			}
		}
	});
	saved.addEventListener("htmx:error", tryAgain);
	saved.addEventListener("htmx:after:swap", keep);
	// The form takes along all that was typed: a save of its own would come late, to a draft that was sent.
	form.addEventListener("submit", () => {
		leaving = true;
		clearTimeout(timer);
		saved.dispatchEvent(new Event("htmx:abort"));
	});
	saved.addEventListener("htmx:before:request", (event) => {
		if (leaving) {
			event.preventDefault();
		}
	});
	// Who types on has stopped the page from being left.
	form.addEventListener("input", () => {
		leaving = false;
	}, { capture: true });
	window.addEventListener("pageshow", () => {
		leaving = false;
	});
	window.addEventListener("beforeunload", (event) => {
		if (unsaved.textContent !== "" && !leaving) {
			event.preventDefault();
		}
	});
	keep();
})();
