/* The name of a venue, or of a starting point, suggests places of the register while somebody types: a combobox with a
   list (ARIA Authoring Practices, "editable combobox with list autocomplete"). Choosing one fills the fields of the place
   and ticks the box that links the event to it. Without scripts a button of the form finds places. */
"use strict";

for (const register of document.querySelectorAll(".register")) {
	const WAIT = 150;
	const SHORTEST = 2;
	const { place } = register.dataset;
	const input = document.getElementById(`${place}-name`);
	const box = document.getElementById(`${place}-id`);
	const list = document.createElement("ul");
	const said = document.createElement("p");
	let items = [];
	let active = -1;
	let timer = 0;
	let asked = 0;

	list.id = `${place}-list`;
	list.className = "suggestions";
	list.hidden = true;
	list.setAttribute("role", "listbox");
	list.setAttribute("aria-label", document.querySelector(`label[for=${place}-name]`).textContent.trim());
	said.className = "unseen";
	said.setAttribute("role", "status");
	input.after(list, said);
	for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
		input.setAttribute(name, value);
	}

	const mark = (position) => {
		active = position;
		[...list.children].forEach((each, number) => each.setAttribute("aria-selected", String(number === position)));
		if (position < 0) {
			input.removeAttribute("aria-activedescendant");
		} else {
			input.setAttribute("aria-activedescendant", list.children[position].id);
			list.children[position].scrollIntoView({ block: "nearest" });
		}
	};

	const close = () => {
		clearTimeout(timer);
		asked += 1;
		list.hidden = true;
		input.setAttribute("aria-expanded", "false");
		mark(-1);
	};

	const choose = (item) => {
		for (const [name, value] of Object.entries(item.fields)) {
			const field = document.getElementById(`${place}-${name}`);
			if (field) { // a starting point has no county
				field.value = value;
			}
		}
		box.value = item.id;
		box.checked = true;
		box.closest(".field").hidden = false;
		document.querySelector(`label[for=${place}-id]`).firstChild.textContent = register.dataset.chosen.replace("{place}", item.label);
		register.querySelector("button[value=add]")?.remove(); // it is there already
		close();
		said.textContent = register.dataset.chosen.replace("{place}", item.label);
		input.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "chosen" }));
	};

	const show = (answer) => {
		items = answer.items;
		list.replaceChildren(...items.map((item, number) => {
			const option = document.createElement("li");
			option.id = `${place}-option-${number}`;
			option.setAttribute("role", "option");
			option.setAttribute("aria-selected", "false");
			option.textContent = item.label;
			return option;
		}));
		active = -1;
		input.removeAttribute("aria-activedescendant");
		list.hidden = items.length === 0;
		input.setAttribute("aria-expanded", String(items.length > 0));
		said.textContent = answer.said;
	};

	const ask = async () => {
		const typed = input.value.trim();
		if (typed.length < SHORTEST) {
			close();
			return;
		}
		asked += 1;
		const mine = asked;
		const address = new URL(register.dataset.suggestions, window.location.href);
		address.searchParams.set("q", typed);
		try {
			const response = await fetch(address, { headers: { Accept: "application/json" } });
			if (response.ok && mine === asked && document.activeElement === input) {
				show(await response.json());
			}
		} catch {
			close();
		}
	};

	input.addEventListener("input", (event) => {
		if (event.detail === "chosen") {
			return;
		}
		clearTimeout(timer);
		timer = setTimeout(ask, WAIT);
	});
	input.addEventListener("keydown", (event) => {
		const open = !list.hidden;
		if (event.key === "ArrowDown" || event.key === "ArrowUp") {
			event.preventDefault();
			if (!open) {
				ask();
			} else {
				const step = event.key === "ArrowDown" ? 1 : -1;
				const next = active < 0 && step < 0 ? items.length - 1 : active + step;
				mark(next >= items.length ? -1 : next);
			}
		} else if (event.key === "Enter" && open && active >= 0) {
			event.preventDefault();
			choose(items[active]);
		} else if (event.key === "Escape" && open) {
			event.preventDefault();
			close();
		}
	});
	input.addEventListener("blur", close);
	list.addEventListener("mousedown", (event) => event.preventDefault());
	list.addEventListener("click", (event) => {
		const option = event.target.closest("li");
		if (option) {
			choose(items[[...list.children].indexOf(option)]);
		}
	});
}
