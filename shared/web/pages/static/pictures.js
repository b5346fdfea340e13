/* Pictures in the form of an event. Without scripts its buttons do the same, with the whole form. Here each file is sent
   as soon as it is chosen or dropped, one after the other, and its fields stand in the page at once; the point that
   stays in the picture is moved by pressing into it or by the sliders, and the picture is cut anew after a moment. What
   changes is saved with the draft, like what is typed. */
"use strict";

(() => {
	const PAUSE = 600;
	const TRIES = 4;
	const drop = document.getElementById("picture-drop");
	const list = document.getElementById("picture-list");
	if (!drop || !list) {
		return;
	}
	const form = drop.closest("form");
	const error = document.getElementById("picture-error");
	const progress = document.getElementById("picture-progress");
	const inputs = drop.querySelectorAll("input[type=file]");
	let queue = Promise.resolve();

	for (const input of inputs) {
		input.removeAttribute("name"); // or the form would send the file's name with what is typed
	}
	drop.classList.add("ready");

	const say = (words) => {
		error.lastElementChild.textContent = words;
		error.hidden = words === "";
	};

	const save = () => form.dispatchEvent(new Event("input", { bubbles: true }));

	const send = (fields, onProgress) =>
		new Promise((resolve) => {
			const request = new XMLHttpRequest();
			request.open("POST", drop.dataset.action);
			request.setRequestHeader("HX-Request", "true");
			request.upload.addEventListener("progress", onProgress);
			request.addEventListener("load", () => resolve(request));
			request.addEventListener("error", () => resolve(null));
			const body = new FormData();
			body.append("csrf", form.elements.csrf.value);
			for (const [name, value] of fields) {
				body.append(name, value);
			}
			request.send(body);
		});

	const parse = (request) => {
		const made = document.createElement("template");
		made.innerHTML = request.responseText;
		return made.content.querySelector("fieldset");
	};

	const explain = (request) => {
		const made = document.createElement("template");
		made.innerHTML = request ? request.responseText : "";
		const words = made.content.querySelector("[data-refusal]");
		return words ? words.textContent : drop.dataset.away;
	};

	const count = () => list.querySelectorAll("fieldset").length;

	const upload = async (file) => {
		if (count() >= Number(drop.dataset.most)) {
			return drop.dataset.full;
		}
		if (file.size > Number(drop.dataset.bytes)) {
			return `${file.name}: ${drop.dataset.large}`;
		}
		const bar = document.createElement("progress");
		const label = document.createElement("label");
		bar.max = 100;
		label.append(`${file.name} `, bar);
		progress.replaceChildren(label);
		let answer = null;
		for (let tries = 0; tries < TRIES; tries += 1) {
			const number = Math.max(0, ...[...list.querySelectorAll("fieldset")].map((each) => Number(each.dataset.number))) + 1;
			const taken = [...list.querySelectorAll("fieldset")].map((each) => ["shown", each.querySelector("input[type=hidden]").value]);
			answer = await send([["picture_act", "add"], ["number", String(number)], ...taken, ["picture", file]], (event) => {
				if (event.lengthComputable && event.loaded < event.total) {
					bar.value = (100 * event.loaded) / event.total;
				} else {
					bar.removeAttribute("value");
				}
			});
			if (!answer || answer.status !== 503) {
				break;
			}
			await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(Number(answer.getResponseHeader("Retry-After") || 2), 10)));
		}
		progress.replaceChildren();
		const made = answer && answer.status === 200 ? parse(answer) : null;
		if (!made) {
			return `${file.name}: ${explain(answer)}`;
		}
		list.append(made);
		progress.textContent = drop.dataset.sent;
		save();
		return "";
	};

	const take = (files) => {
		for (const file of files) {
			queue = queue.then(async () => {
				const refused = await upload(file);
				if (refused) {
					say([error.lastElementChild.textContent, refused].filter(Boolean).join(" "));
				}
			});
		}
	};

	for (const input of inputs) {
		input.addEventListener("change", () => {
			say("");
			take([...input.files]);
			input.value = "";
		});
	}
	drop.addEventListener("dragover", (event) => {
		event.preventDefault();
		drop.classList.add("over");
	});
	drop.addEventListener("dragleave", () => drop.classList.remove("over"));
	drop.addEventListener("drop", (event) => {
		event.preventDefault();
		drop.classList.remove("over");
		say("");
		take([...event.dataTransfer.files]);
	});

	const timers = new WeakMap();

	const mark = (picture) => {
		const [x, y] = picture.querySelectorAll(".focus input");
		const drawing = picture.querySelector("svg");
		for (const circle of drawing.querySelectorAll("circle")) {
			circle.setAttribute("cx", (drawing.viewBox.baseVal.width * x.value) / 100);
			circle.setAttribute("cy", (drawing.viewBox.baseVal.height * y.value) / 100);
		}
	};

	const cut = async (picture) => {
		const [x, y] = picture.querySelectorAll(".focus input");
		const media = picture.querySelector("input[type=hidden]");
		const number = picture.dataset.number;
		const sent = [["picture_act", `focus ${number}`], [media.name, media.value], [x.name, x.value], [y.name, y.value]];
		const answer = await send(sent, () => {});
		const made = answer && answer.status === 200 ? parse(answer) : null;
		if (!made) {
			say(explain(answer));
			return;
		}
		say("");
		media.value = made.querySelector("input[type=hidden]").value;
		picture.querySelector(".cut img").src = made.querySelector(".cut img").getAttribute("src");
		save();
	};

	const cutSoon = (picture) => {
		mark(picture);
		clearTimeout(timers.get(picture));
		timers.set(picture, setTimeout(() => cut(picture), PAUSE));
	};

	list.addEventListener("input", (event) => {
		if (event.target.closest(".focus")) {
			event.stopPropagation();
			cutSoon(event.target.closest("fieldset"));
		}
	});
	list.addEventListener("click", (event) => {
		const whole = event.target.closest(".whole");
		if (whole) {
			const box = whole.getBoundingClientRect();
			const picture = whole.closest("fieldset");
			const [x, y] = picture.querySelectorAll(".focus input");
			x.value = (100 * (event.clientX - box.left)) / box.width;
			y.value = (100 * (event.clientY - box.top)) / box.height;
			cutSoon(picture);
		}
	});
	list.classList.add("ready");
})();
